use crate::check::Origin;
use crate::ide::named::{Named, defined};
use crate::session::Session;
use crate::source::Span;

/// An item of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outlined {
    pub sort: Named,
    pub name: String,
    /// Where the name stands, and all of the item.
    pub name_span: Span,
    pub span: Span,
    pub documentation: Option<String>,
}

/// What the script and the modules beside it define, in the order of the files; nothing of the library.
pub fn outline(session: &Session) -> Vec<Outlined> {
    let own = session.files.iter().filter(|program| program.origin == Origin::Own);
    let items = own.flat_map(|program| &program.parse.file.items);
    let outlined = items.filter_map(|item| {
        let (sort, name) = defined(item)?;
        let (name, name_span) = (name.text.clone(), name.span);
        Some(Outlined { sort, name, name_span, span: item.span, documentation: item.documentation.clone() })
    });
    outlined.collect()
}
