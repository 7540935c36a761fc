//! The repository's files, and Rust source as tokens.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// The top of the checkout.
pub(crate) fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Output of a program that is started at the top of the checkout.
pub(crate) fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).current_dir(top()).output().unwrap();
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Paths of tracked files, and of those that wait to be added, from the top of the checkout.
pub(crate) fn files() -> Vec<String> {
    let listed = output("git", &["ls-files", "--cached", "--others", "--exclude-standard"]);
    let files: Vec<String> = listed.lines().filter(|path| top().join(path).is_file()).map(str::to_owned).collect();
    assert!(files.len() > 300, "{} files are not this repository", files.len());
    files
}

/// The content of a file of the repository.
pub(crate) fn content(path: &str) -> Vec<u8> {
    fs::read(top().join(path)).unwrap()
}

/// A Rust file of the product, parsed.
pub(crate) struct Source {
    /// From the top of the checkout.
    pub(crate) path: String,
    /// What it consists of.
    pub(crate) file: syn::File,
    /// All of its tokens, those inside of macros included and those of `#[cfg(test)]` modules left out.
    pub(crate) tokens: Vec<Token>,
}

/// A token, with groups opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token {
    /// A word.
    Word(String),
    /// A string literal's value.
    Text(String),
    /// Anything else, brackets included.
    Mark(String),
}

impl Token {
    pub(crate) fn is(&self, text: &str) -> bool {
        matches!(self, Self::Word(own) | Self::Mark(own) if own == text)
    }
}

/// Every Rust file that becomes part of the product: no tests, no benches, no tools.
pub(crate) fn product() -> Vec<Source> {
    let ours = |path: &String| {
        ["api/", "tenants/", "migrations/"].iter().any(|folder| path.starts_with(folder))
            && path.ends_with(".rs")
            && path.contains("src/")
            && !path.contains("/tests/")
            && !path.ends_with("/tests.rs")
    };
    let sources: Vec<Source> = files().into_iter().filter(ours).map(Source::read).collect();
    assert!(sources.len() > 150, "{} files are not the product", sources.len());
    sources
}

impl Source {
    fn read(path: String) -> Self {
        let text = String::from_utf8(content(&path)).unwrap();
        Self::of(&path, &text)
    }

    /// A file that stands nowhere, or does.
    pub(crate) fn of(path: &str, text: &str) -> Self {
        let file = syn::parse_file(text).unwrap_or_else(|error| panic!("{path}: {error}"));
        let kept = file.items.iter().filter(|item| !is_test(item));
        let stream: TokenStream = kept.map(quote::ToTokens::to_token_stream).collect();
        let mut tokens = Vec::new();
        flatten(stream, &mut tokens);
        Self { path: path.to_owned(), file, tokens }
    }

    /// String literals, documentation left out.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        self.tokens.iter().filter_map(|token| match token {
            Token::Text(text) => Some(text.as_str()),
            _ => None,
        })
    }

    /// Token lists of everything that is called or expanded as `name`: `name(…)`, `name!(…)`, `name![…]`.
    pub(crate) fn arguments_of(&self, name: &str) -> Vec<&[Token]> {
        let calls = self.places_of(name).filter(|at| self.tokens[*at].is("(")).map(|at| group(&self.tokens, at));
        calls.chain(self.expansions_of(name)).collect()
    }

    /// Token lists of the macro `name`.
    pub(crate) fn expansions_of(&self, name: &str) -> Vec<&[Token]> {
        let opens =
            |at: usize| self.tokens.get(at).is_some_and(|token| ["(", "[", "{"].iter().any(|open| token.is(open)));
        let expanded = self.places_of(name).filter(|at| self.tokens[*at].is("!") && opens(at + 1));
        expanded.map(|at| group(&self.tokens, at + 1)).collect()
    }

    /// What follows each `name`.
    fn places_of(&self, name: &str) -> impl Iterator<Item = usize> {
        let found = self.tokens.iter().enumerate().filter(move |(_, token)| token.is(name));
        found.map(|(at, _)| at + 1).filter(|at| *at < self.tokens.len())
    }
}

/// The tokens between the bracket at `open` and the one that closes it.
pub(crate) fn group(tokens: &[Token], open: usize) -> &[Token] {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        if ["(", "[", "{"].iter().any(|bracket| token.is(bracket)) {
            depth += 1;
        } else if [")", "]", "}"].iter().any(|bracket| token.is(bracket)) {
            depth -= 1;
            if depth == 0 {
                return &tokens[open + 1..at];
            }
        }
    }
    unreachable!("brackets of parsed source match")
}

fn is_test(item: &syn::Item) -> bool {
    let syn::Item::Mod(module) = item else { return false };
    module.attrs.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.meta.require_list().is_ok_and(|list| list.tokens.to_string() == "test")
    })
}

fn flatten(stream: TokenStream, into: &mut Vec<Token>) {
    let mut trees = stream.into_iter().peekable();
    while let Some(tree) = trees.next() {
        match tree {
            // A doc comment is an attribute by now: `#[doc = "…"]`.
            TokenTree::Punct(mark) if mark.as_char() == '#' && trees.peek().is_some_and(is_documentation) => {
                trees.next();
            }
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                into.push(Token::Mark(open.to_owned()));
                flatten(group.stream(), into);
                into.push(Token::Mark(close.to_owned()));
            }
            TokenTree::Ident(word) => into.push(Token::Word(word.to_string())),
            TokenTree::Punct(mark) => into.push(Token::Mark(mark.as_char().to_string())),
            TokenTree::Literal(literal) => into.push(match syn::parse_str::<syn::Lit>(&literal.to_string()) {
                Ok(syn::Lit::Str(text)) => Token::Text(text.value()),
                _ => Token::Mark(literal.to_string()),
            }),
        }
    }
}

fn is_documentation(tree: &TokenTree) -> bool {
    let TokenTree::Group(group) = tree else { return false };
    group.stream().into_iter().next().is_some_and(|first| first.to_string() == "doc")
}
