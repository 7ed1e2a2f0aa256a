use crate::diagnostic::Problems;
use crate::source::{FileId, Span};
use crate::syntax::ast;

/// How deeply brackets and blocks may nest, the same on every platform.
pub const MAX_DEPTH: usize = 64;

/// What was understood of one file, and everything that was wrong with its form.
#[derive(Debug, Clone)]
pub struct Parse {
    pub file: ast::File,
    /// Every comment in order, with `##` documentation among them. Blank lines can be told from the text.
    pub comments: Vec<Comment>,
    pub problems: Problems,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comment {
    pub span: Span,
    pub documents: bool,
}

/// Reads one file. Any text gives a tree.
pub fn parse(file: FileId, text: &str) -> Parse {
    let _ = (file, text);
    unimplemented!("syntax room")
}
