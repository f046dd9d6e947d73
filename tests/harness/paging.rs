//! Lists read page by page, to their end.

/// More pages than any list of a test has: one that never ends fails, instead of running on.
const MOST_PAGES: usize = 5_000;

/// Asks for page after page, the first without a token, until an answer has none. Returns what all pages have.
pub async fn all_pages<T>(mut ask: impl AsyncFnMut(String) -> (Vec<T>, String)) -> Vec<T> {
    let (mut all, mut page_token) = (Vec::new(), String::new());
    for _ in 0..MOST_PAGES {
        let (page, next) = ask(page_token).await;
        all.extend(page);
        page_token = next;
        if page_token.is_empty() {
            return all;
        }
    }
    panic!("{MOST_PAGES} pages, and still one more");
}
