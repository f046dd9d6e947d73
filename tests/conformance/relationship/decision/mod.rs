//! Who decides at a customer.

mod fold; // against a fold over the rows
mod gap; // what is missing in what is known about who decides
mod makers; // which claims count, in which order people come
mod pages; // the same for many customers
