//! Reading the repository: its files, and Rust text with comments and literals told apart from code.
//!
//! Owns a lexer that knows just enough of Rust for the rules; what the rules are stands in `mod.rs`.

use std::fs;
use std::path::{Path, PathBuf};

/// One file of the repository.
pub struct Source {
    /// The path from the root of the repository, with forward slashes.
    pub path: String,
    /// The file as it is.
    pub text: String,
    /// The code alone: comments and what is inside literals are blank, every line is where it was.
    pub code: String,
    /// What stands in string literals, with the line each begins in.
    pub literals: Vec<(usize, String)>,
}

/// A function: its name and its lines, counted from 1.
pub struct Function {
    pub name: String,
    pub first_line: usize,
    pub last_line: usize,
}

/// Returns the root of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns the files below `folder` whose names end in `extension`, in the order of their paths.
pub fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Reads a file as text, and its path from the root.
pub fn read(path: &Path) -> (String, String) {
    let relative = path
        .strip_prefix(root())
        .expect("the path is below the root");
    let text = fs::read_to_string(path).expect("a file of the repository is readable text");
    (relative.to_string_lossy().replace('\\', "/"), text)
}

/// Reads the Rust files below `folder`.
pub fn rust(folder: &str) -> Vec<Source> {
    let sources: Vec<Source> = files(folder, ".rs")
        .iter()
        .map(|path| Source::read(path))
        .collect();
    assert!(
        !sources.is_empty(),
        "{folder} has no Rust files: the rule would hold of nothing"
    );
    sources
}

impl Source {
    fn read(path: &Path) -> Source {
        let (path, text) = read(path);
        let (code, literals) = split(&text);
        Source {
            path,
            text,
            code,
            literals,
        }
    }

    /// Returns the file's module below the crate: `store` for `src/store/sql.rs`, `name` for `src/name.rs`.
    pub fn module(&self) -> &str {
        let inside = self.path.trim_start_matches("src/");
        inside
            .split('/')
            .next()
            .unwrap_or(inside)
            .trim_end_matches(".rs")
    }

    /// Returns the lines, counted from 1, whose code has this word in it, not as a part of another word.
    pub fn lines_with(&self, word: &str) -> Vec<usize> {
        let lines = self.code.lines().enumerate();
        lines
            .filter(|(_, line)| has_word(line, word))
            .map(|(i, _)| i + 1)
            .collect()
    }

    /// Returns the functions that have a body.
    pub fn functions(&self) -> Vec<Function> {
        let starts: Vec<usize> = self.code.match_indices("fn ").map(|(at, _)| at).collect();
        starts
            .into_iter()
            .filter_map(|at| self.function_at(at))
            .collect()
    }

    fn function_at(&self, at: usize) -> Option<Function> {
        let is_whole_word = !self.code[..at].ends_with(is_word);
        let rest = &self.code[at + 3..];
        let name: String = rest.chars().take_while(|c| is_word(*c)).collect();
        let mut depth = 0_usize;
        for (offset, c) in rest.char_indices().skip(name.len()) {
            match c {
                ';' if depth == 0 => return None,
                '{' => depth += 1,
                '}' if depth == 1 => {
                    let line_of = |at: usize| self.code[..at].matches('\n').count() + 1;
                    let (first_line, last_line) = (line_of(at), line_of(at + 3 + offset));
                    return (is_whole_word && !name.is_empty()).then_some(Function {
                        name,
                        first_line,
                        last_line,
                    });
                }
                '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        None
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Says whether a text has a word in it, not as a part of another word.
pub fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let starts_one = word.starts_with(is_word) && text[..at].ends_with(is_word);
        let goes_on = word.ends_with(is_word) && text[at + word.len()..].starts_with(is_word);
        !starts_one && !goes_on
    })
}

/// Splits Rust text into code and the contents of its string literals.
fn split(text: &str) -> (String, Vec<(usize, String)>) {
    let (mut code, mut literals) = (String::with_capacity(text.len()), Vec::new());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (len, literal) = token(rest, code.ends_with(is_word));
        let taken = &rest[..len.max(first.len_utf8())];
        if let Some(literal) = literal {
            literals.push((code.matches('\n').count() + 1, literal.to_owned()));
        }
        if len > 0 {
            code.extend(taken.chars().map(|c| if c == '\n' { c } else { ' ' }));
        } else {
            code.push(first);
        }
        rest = &rest[taken.len()..];
    }
    (code, literals)
}

/// Returns how many bytes of comment or literal the text starts with (0 for code), and what the literal holds.
fn token(text: &str, after_word: bool) -> (usize, Option<&str>) {
    if text.starts_with("//") {
        return (text.find('\n').unwrap_or(text.len()), None);
    }
    if text.starts_with("/*") {
        return (text.find("*/").map_or(text.len(), |end| end + 2), None);
    }
    if let Some(raw) = text.strip_prefix('r').filter(|_| !after_word) {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        if raw[hashes..].starts_with('"') {
            let end = format!("\"{}", "#".repeat(hashes));
            let start = hashes + 2;
            let len = text[start..].find(&end).unwrap_or(text.len() - start);
            return (start + len + end.len(), Some(&text[start..start + len]));
        }
    }
    if text.starts_with('"') {
        let end = closing(text, '"');
        return (end + 1, Some(&text[1..end]));
    }
    let mut after_quote = text.strip_prefix('\'').unwrap_or_default().chars();
    match (after_quote.next(), after_quote.next()) {
        (Some('\\'), _) => (closing(text, '\'') + 1, None),
        (Some(c), Some('\'')) => (2 + c.len_utf8(), None),
        _ => (0, None),
    }
}

/// Returns where the quote that opens the text is closed.
fn closing(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at,
            _ => {}
        }
    }
    text.len() - 1
}

#[test]
fn comments_and_literals_are_told_apart_from_code() {
    let text = "let a = \"x // {\\\"\"; // fn {\nlet b = r#\"fn \"q\" {\"#; /* { */ let c = '{'; fn f<'a>(x: &'a str) { g() }\n";
    let (code, literals) = split(text);
    let source = Source {
        path: String::new(),
        text: text.to_owned(),
        code,
        literals,
    };
    assert_eq!(
        source.literals,
        [(1, "x // {\\\"".to_owned()), (2, "fn \"q\" {".to_owned())]
    );
    let functions = source.functions();
    assert_eq!(functions.len(), 1);
    assert_eq!(
        (
            functions[0].name.as_str(),
            functions[0].first_line,
            functions[0].last_line
        ),
        ("f", 2, 2)
    );
    assert_eq!(source.lines_with("g"), [2]);
}
