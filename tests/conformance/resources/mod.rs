//! What is special to each resource; what holds for all of them is in `standard`.

mod address; // regions, and who gave an element
mod affiliation; // parents, managers
mod buying_role; // claims
mod colleague; // principals
mod contact; // names that are shared, phones, owners
mod conversation; // promises made along, references, children of a customer
mod customer; // sizes, phones, circles
mod last_conversation; // derived from what was held
mod note; // records, authors, times
mod persona; // texts and filters
mod promise; // references, order
mod segment; // one definition, by filter or by list
