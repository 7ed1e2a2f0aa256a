use crate::source::Span;
use crate::syntax::ast::{Expression, TextPart};

/// What a step, a gate or a package runs: a text literal read as a command line, or an expression that names one
/// (`package.install`).
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Split into arguments before any value is put in. Blanks part the words; `'…'` keeps blanks together.
    Line {
        words: Vec<CommandWord>,
        span: Span,
    },
    Named(Expression),
}

/// One argument.
#[derive(Debug, Clone, PartialEq)]
pub struct CommandWord {
    pub parts: Vec<TextPart>,
    pub span: Span,
}

impl Command {
    pub fn span(&self) -> Span {
        match self {
            Command::Line { span, .. } => *span,
            Command::Named(expression) => expression.span,
        }
    }
}
