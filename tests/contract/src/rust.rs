//! Rust files as token trees: what the compiler reads, so that strings and comments fool no check.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use std::path::{Path, PathBuf};

/// A Rust file.
pub struct Source {
    /// Its path below the top level.
    pub path: String,
    /// Its text.
    pub text: String,
    tokens: TokenStream,
}

/// A function with a body.
#[derive(Debug, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// Where `fn` stands.
    pub line: usize,
    /// From there to the closing brace, both counted.
    pub lines: usize,
}

/// An outer or inner attribute, doc comments included.
#[derive(Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Where it begins.
    pub line: usize,
    /// What stands between the brackets, as tokens are printed.
    pub text: String,
}

/// An item under `#[cfg(test)]`.
#[derive(Debug, PartialEq, Eq)]
pub struct TestItem {
    /// Its module's name, where it is one that lies in a file of its own.
    pub file_module: Option<String>,
    /// Its first and last line, the attribute's included.
    pub lines: (usize, usize),
}

impl Source {
    /// The file at a path, with `text` as its content.
    pub fn parse(path: &str, text: String) -> Result<Self, String> {
        let tokens = text
            .parse()
            .map_err(|error| format!("`{path}` is no Rust: {error}"))?;
        Ok(Self {
            path: path.to_owned(),
            text,
            tokens,
        })
    }

    /// Every function with a body, those in macros included.
    pub fn functions(&self) -> Vec<Function> {
        self.find(|trees| match trees {
            [TokenTree::Ident(word), TokenTree::Ident(name), rest @ ..] if word == "fn" => {
                let body = end_of_item(rest)?;
                let (TokenTree::Group(_), line) = (body, word.span().start().line) else {
                    return None;
                };
                let lines = body.span().end().line + 1 - line;
                Some(Function {
                    name: name.to_string(),
                    line,
                    lines,
                })
            }
            _ => None,
        })
    }

    /// Every attribute, those in macros included.
    pub fn attributes(&self) -> Vec<Attribute> {
        self.find(|trees| {
            let (group, _) = attribute(trees)?;
            Some(Attribute {
                line: group.span_open().start().line,
                text: group.stream().to_string(),
            })
        })
    }

    /// Every macro call, as its name and the line.
    pub fn macros(&self) -> Vec<(String, usize)> {
        self.find(|trees| match trees {
            [
                TokenTree::Ident(name),
                TokenTree::Punct(bang),
                TokenTree::Group(_),
                ..,
            ] if bang.as_char() == '!' => Some((name.to_string(), name.span().start().line)),
            _ => None,
        })
    }

    /// The content of every plain string literal outside tests, as it is spelled.
    pub fn product_strings(&self) -> Vec<String> {
        let tests = self.test_items();
        let outside = |line: usize| {
            !tests
                .iter()
                .any(|item| (item.lines.0..=item.lines.1).contains(&line))
        };
        self.find(|trees| match trees {
            [TokenTree::Literal(literal), ..] if outside(literal.span().start().line) => {
                let spelled = literal.to_string();
                Some(spelled.strip_prefix('"')?.strip_suffix('"')?.to_owned())
            }
            _ => None,
        })
    }

    /// Where a path of names such as `env::var` is spelled, by line.
    pub fn uses(&self, first: &str, second: &str) -> Vec<usize> {
        self.find(|trees| match trees {
            [
                TokenTree::Ident(a),
                TokenTree::Punct(c),
                TokenTree::Punct(d),
                TokenTree::Ident(b),
                ..,
            ] if (c.as_char(), d.as_char()) == (':', ':') && a == first && b == second => {
                Some(a.span().start().line)
            }
            _ => None,
        })
    }

    /// Every item under `#[cfg(test)]`.
    pub fn test_items(&self) -> Vec<TestItem> {
        self.find(|trees| {
            let (group, mut rest) = attribute(trees)?;
            if group.stream().to_string().replace(' ', "") != "cfg(test)" {
                return None;
            }
            while let Some((_, after)) = attribute(rest) {
                rest = after;
            }
            let end = end_of_item(rest)?;
            let file_module = match (unqualified(rest), end) {
                ([TokenTree::Ident(word), TokenTree::Ident(name), ..], TokenTree::Punct(_))
                    if word == "mod" =>
                {
                    Some(name.to_string())
                }
                _ => None,
            };
            let lines = (group.span_open().start().line, end.span().end().line);
            Some(TestItem { file_module, lines })
        })
    }

    /// The modules that this file declares for tests only, each as a path without `.rs`.
    pub fn test_modules(&self) -> Vec<PathBuf> {
        let path = Path::new(&self.path);
        let holds_its_folder = ["lib.rs", "main.rs", "mod.rs"]
            .iter()
            .any(|name| path.ends_with(name));
        let folder = if holds_its_folder {
            path.parent().unwrap_or(path).to_owned()
        } else {
            path.with_extension("")
        };
        self.test_items()
            .into_iter()
            .filter_map(|item| item.file_module)
            .map(|name| folder.join(name))
            .collect()
    }

    /// What `at` finds at every place of the file, in order.
    fn find<T>(&self, at: impl Fn(&[TokenTree]) -> Option<T>) -> Vec<T> {
        fn walk<T>(tokens: TokenStream, at: &impl Fn(&[TokenTree]) -> Option<T>, found: &mut Vec<T>) {
            let trees: Vec<TokenTree> = tokens.into_iter().collect();
            for place in 0..trees.len() {
                found.extend(at(&trees[place..]));
                if let TokenTree::Group(group) = &trees[place] {
                    walk(group.stream(), at, found);
                }
            }
        }
        let mut found = Vec::new();
        walk(self.tokens.clone(), &at, &mut found);
        found
    }
}

/// An attribute's brackets and what follows them.
fn attribute(trees: &[TokenTree]) -> Option<(&Group, &[TokenTree])> {
    let punct = |tree: &TokenTree, is: char| matches!(tree, TokenTree::Punct(punct) if punct.as_char() == is);
    match trees {
        [hash, bang, TokenTree::Group(group), rest @ ..] if punct(hash, '#') && punct(bang, '!') => {
            Some((group, rest))
        }
        [hash, TokenTree::Group(group), rest @ ..] if punct(hash, '#') => Some((group, rest)),
        _ => None,
    }
    .filter(|(group, _)| group.delimiter() == Delimiter::Bracket)
}

/// An item without its visibility.
fn unqualified(item: &[TokenTree]) -> &[TokenTree] {
    match item {
        [TokenTree::Ident(word), TokenTree::Group(_), rest @ ..] if word == "pub" => rest,
        [TokenTree::Ident(word), rest @ ..] if word == "pub" => rest,
        _ => item,
    }
}

/// The braces or the semicolon that an item ends with.
fn end_of_item(trees: &[TokenTree]) -> Option<&TokenTree> {
    trees.iter().find(|tree| match tree {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(punct) => punct.as_char() == ';',
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r##"
//! A file with `todo!()` in a comment.
#[cfg_attr(test, allow(dead_code, reason = "why"))]
fn two(lines: [u8; 2]) -> &'static str { "AWS_REGION"
}
trait T { fn none(&self); }
proptest! { fn three(
    a in 0..9) {
} }
fn strings() { todo!(r#"fn no() {}"#, std::env::var("X")) }
#[cfg(test)]
#[allow(missing_docs)]
mod here {
    const S: &str = "AWS_HIDDEN";
}
#[cfg(test)]
mod there;
"##;

    fn source(path: &str) -> Source {
        Source::parse(path, FILE.to_owned()).unwrap()
    }

    #[test]
    fn functions_are_measured_wherever_they_stand() {
        let functions = source("a.rs").functions();
        let found: Vec<_> = functions
            .iter()
            .map(|f| (f.name.as_str(), f.line, f.lines))
            .collect();
        assert_eq!(found, [("two", 4, 2), ("three", 7, 3), ("strings", 10, 1)]);
    }

    #[test]
    fn comments_and_raw_strings_are_neither_calls_nor_variables() {
        let source = source("a.rs");
        let calls: Vec<String> = source.macros().into_iter().map(|(name, _)| name).collect();
        assert_eq!(calls, ["proptest", "todo"]);
        assert_eq!(source.uses("env", "var"), [10]);
        assert!(source.product_strings().contains(&"AWS_REGION".to_owned()));
        assert!(!source.product_strings().contains(&"AWS_HIDDEN".to_owned()));
    }

    #[test]
    fn attributes_keep_their_reasons() {
        let attributes = source("a.rs").attributes();
        let allows: Vec<_> = attributes
            .iter()
            .filter(|a| a.text.contains("allow"))
            .map(|a| a.line)
            .collect();
        assert_eq!(allows, [3, 12]);
    }

    #[test]
    fn tests_are_told_from_the_rest() {
        for (path, module) in [("c/src/lib.rs", "c/src/there"), ("c/src/a.rs", "c/src/a/there")] {
            let source = source(path);
            assert_eq!(source.test_modules(), [Path::new(module)]);
            let lines: Vec<_> = source.test_items().into_iter().map(|item| item.lines).collect();
            assert_eq!(lines, [(11, 15), (16, 17)]);
        }
        assert!(Source::parse("a.rs", "fn a( {".to_owned()).is_err());
    }

    #[test]
    fn a_module_of_tests_is_known_whoever_may_see_it() {
        for (visibility, want) in [
            ("", 1),
            ("pub", 1),
            ("pub(crate)", 1),
            ("pub(in crate::a)", 1),
            ("x", 0),
        ] {
            let text = format!("#[cfg(test)] {visibility} mod there;");
            let modules = Source::parse("c/src/lib.rs", text).unwrap().test_modules();
            assert_eq!(modules.len(), want, "`{visibility}`");
        }
    }
}
