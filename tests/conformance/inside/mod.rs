//! What no caller sees, and what none can do: rows of tables, plans of statements, units of work that fail, another
//! tenant, and a clock that moves. These cases need the server in their own process.

mod clock; // what time does; the only cases that move it
mod cost; // who reads beside whom, and reads that nobody waits for
mod families; // thousands of children
mod growth; // many records that come at once
mod last_names; // a store of before the last fields were renamed
mod plans; // what the questions read
mod prepared; // statements that are planned once
mod races; // two writers who each see nothing wrong
mod refiled; // what is filed anew, and what stays as it was
mod refiling; // what an upgrade does with stored records
mod rows; // rows of changes, history and request ids
mod statements; // the tenant in every statement
mod stored_names; // rows of before a field was renamed
mod tenant; // what another tenant has changes no answer
mod units; // units of work that no caller could send
