//! A memo of parsed stored filters: a question about 200 segments reads the same texts again and again.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use crate::descriptors;
use crate::filter::{self, tree::Filter};

/// How many bytes of text are kept; a tree takes about ten times as much.
const MAX_BYTES: usize = 1024 * 1024;

#[derive(Default)]
struct Memo {
    trees: HashMap<String, Arc<Filter>>,
    n_bytes: usize,
}

static MEMO: LazyLock<Mutex<Memo>> = LazyLock::new(Mutex::default);

/// Returns the tree of a stored filter on customers; `None` if it cannot be parsed, which does not happen to stored
/// ones.
pub fn parsed(text: &str) -> Option<Arc<Filter>> {
    let memo = || MEMO.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(tree) = memo().trees.get(text) {
        return Some(Arc::clone(tree));
    }
    let tree = filter::read(text, &descriptors::message("clientele.v1.Customer"))
        .ok()
        .flatten()?;
    let tree = Arc::new(tree);
    let mut memo = memo();
    if memo.n_bytes + text.len() > MAX_BYTES {
        *memo = Memo::default();
    }
    if memo
        .trees
        .insert(text.to_owned(), Arc::clone(&tree))
        .is_none()
    {
        memo.n_bytes += text.len();
    }
    Some(tree)
}
