use std::borrow::Cow;
use std::collections::HashMap;

use indexmap::IndexMap;
use saphyr_parser::{Event, Parser, ScalarStyle, Tag};

use crate::inventory::reader::datum::{BYTES_OF_A_VALUE, Datum};
use crate::inventory::reader::fault::quoted;
use crate::inventory::reader::yaml_scalar;

/// A YAML document: the nodes with their lines, aliases written out and merge keys merged.
#[derive(Debug, Clone)]
pub(crate) struct Yaml<'a> {
    pub(crate) line: usize,
    pub(crate) node: Node<'a>,
}

#[derive(Debug, Clone)]
pub(crate) enum Node<'a> {
    Scalar {
        text: Cow<'a, str>,
        is_plain: bool,
        kind: Kind,
    },
    List(Vec<Yaml<'a>>),
    /// In the order of the file; of a key that comes twice the last one counts.
    Map(Vec<(Yaml<'a>, Yaml<'a>)>),
}

/// An entry of a map.
pub(crate) struct Entry<'y> {
    pub(crate) name: Cow<'y, str>,
    pub(crate) key: &'y Yaml<'y>,
    pub(crate) value: &'y Yaml<'y>,
}

/// What a node's tag makes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// No tag: a plain scalar is what it reads as.
    Untagged,
    Text,
    Integer,
    Number,
    Bool,
    Null,
    Vault,
    /// A set: the keys are the elements.
    Set,
}

/// Why a document cannot be read, and the line where that shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct YamlFault {
    pub(crate) line: usize,
    pub(crate) message: String,
}

/// Deeper nesting than this is no inventory.
const MOST_NESTED: usize = 64;

/// Nodes that aliases may write out, so that a few lines cannot fill the memory.
const MOST_ALIASED: usize = 1_000_000;

/// Bytes of one scalar.
const LONGEST_SCALAR: usize = 1 << 20;

/// Reads the one document of a text; none where there is nothing in it.
pub(crate) fn read(text: &str) -> Result<Option<Yaml<'_>>, YamlFault> {
    let mut builder = Builder::default();
    let mut parser = Parser::new_from_str(text);
    // What lacks at the end may be told of a line after it, and a carriage return alone parts lines for YAML and no editor.
    let last = memchr::memchr_iter(b'\n', text.as_bytes()).count() + 1;
    let line = |line: usize| line.clamp(1, last);
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|error| YamlFault {
            line: line(error.marker().line()),
            message: format!("it is not YAML: {}", error.info()),
        })?;
        builder.take(event, line(span.start.line()))?;
    }
    Ok(builder.document)
}

#[derive(Default)]
struct Builder<'a> {
    open: Vec<Open<'a>>,
    anchors: HashMap<usize, Yaml<'a>>,
    aliased: usize,
    document: Option<Yaml<'a>>,
    documents: usize,
}

/// A list or map whose end has not come.
struct Open<'a> {
    line: usize,
    anchor: usize,
    kind: Kind,
    children: Vec<Yaml<'a>>,
    is_map: bool,
}

impl<'a> Builder<'a> {
    fn take(&mut self, event: Event<'a>, line: usize) -> Result<(), YamlFault> {
        let fault = |message: &str| YamlFault { line, message: message.to_owned() };
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err(fault("a second document begins here, and an inventory is one"));
                }
            }
            Event::Scalar(text, style, anchor, tag) => {
                if text.len() > LONGEST_SCALAR {
                    return Err(fault(&format!("a text is longer than {LONGEST_SCALAR} bytes")));
                }
                let kind = kind_of(tag.as_deref()).map_err(|tag| fault(&unknown_tag(&tag)))?;
                let node = Node::Scalar { text, is_plain: style == ScalarStyle::Plain, kind };
                self.close(Yaml { line, node }, anchor)?;
            }
            Event::SequenceStart(anchor, tag) => self.open(line, anchor, tag.as_deref(), false)?,
            Event::MappingStart(anchor, tag) => self.open(line, anchor, tag.as_deref(), true)?,
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(open) = self.open.pop() {
                    let anchor = open.anchor;
                    let closed = open.close()?;
                    self.close(closed, anchor)?;
                }
            }
            Event::Alias(anchor) => {
                let named = self.anchors.get(&anchor).ok_or_else(|| fault("an alias stands inside what it names"))?;
                self.aliased += named.size();
                if self.aliased > MOST_ALIASED {
                    return Err(fault(&format!("aliases write out more than {MOST_ALIASED} values")));
                }
                let copy = Yaml { line, node: named.node.clone() };
                self.close(copy, 0)?;
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        Ok(())
    }

    fn open(&mut self, line: usize, anchor: usize, tag: Option<&Tag>, is_map: bool) -> Result<(), YamlFault> {
        if self.open.len() >= MOST_NESTED {
            return Err(YamlFault { line, message: format!("it is nested deeper than {MOST_NESTED} levels") });
        }
        let kind = kind_of(tag).map_err(|tag| YamlFault { line, message: unknown_tag(&tag) })?;
        self.open.push(Open { line, anchor, kind, children: Vec::new(), is_map });
        Ok(())
    }

    /// Hands a finished node to the one that it stands in.
    fn close(&mut self, node: Yaml<'a>, anchor: usize) -> Result<(), YamlFault> {
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut() {
            Some(open) => open.children.push(node),
            None => self.document = Some(node),
        }
        Ok(())
    }
}

impl<'a> Open<'a> {
    fn close(self) -> Result<Yaml<'a>, YamlFault> {
        let line = self.line;
        let node = match (self.kind, self.is_map) {
            (Kind::Untagged, false) => Node::List(self.children),
            (Kind::Untagged, true) => Node::Map(merged(pairs(self.children))?),
            (Kind::Set, true) => Node::List(pairs(self.children).into_iter().map(|(key, _)| key).collect()),
            _ => return Err(YamlFault { line, message: "a list or map has the tag of a scalar".to_owned() }),
        };
        Ok(Yaml { line, node })
    }
}

fn pairs(children: Vec<Yaml<'_>>) -> Vec<(Yaml<'_>, Yaml<'_>)> {
    let mut children = children.into_iter();
    std::iter::from_fn(|| Some((children.next()?, children.next()?))).collect()
}

/// Puts the entries of `<<` before the map's own, which win; of several maps the first wins.
fn merged<'a>(entries: Vec<(Yaml<'a>, Yaml<'a>)>) -> Result<Vec<(Yaml<'a>, Yaml<'a>)>, YamlFault> {
    if !entries.iter().any(|(key, _)| key.is_merge()) {
        return Ok(entries);
    }
    let (mut before, mut own) = (Vec::new(), Vec::new());
    for (key, value) in entries {
        if !key.is_merge() {
            own.push((key, value));
            continue;
        }
        let maps = match value.node {
            Node::List(maps) => maps,
            node => vec![Yaml { line: value.line, node }],
        };
        for map in maps.into_iter().rev() {
            let Node::Map(entries) = map.node else {
                return Err(YamlFault { line: map.line, message: "`<<` merges a map, and this is none".to_owned() });
            };
            before.extend(entries);
        }
    }
    before.extend(own);
    Ok(before)
}

impl Yaml<'_> {
    /// The value; of a map's keys the text.
    pub(crate) fn datum(&self) -> Result<Datum, YamlFault> {
        let fault = |message: String| YamlFault { line: self.line, message };
        Ok(match &self.node {
            Node::Scalar { text, is_plain, kind } => yaml_scalar::resolve(text, *is_plain, *kind).map_err(fault)?,
            Node::List(elements) => Datum::List(elements.iter().map(Yaml::datum).collect::<Result<_, _>>()?),
            Node::Map(_) => {
                let entry = |entry: Entry<'_>| Ok((entry.name.into_owned(), entry.value.datum()?));
                Datum::Map(self.entries()?.into_iter().map(entry).collect::<Result<_, YamlFault>>()?)
            }
        })
    }

    /// The text of a key of a map, as JSON would write it.
    pub(crate) fn key(&self) -> Result<Cow<'_, str>, YamlFault> {
        if let Node::Scalar { text, is_plain, kind: Kind::Untagged } = &self.node
            && (!is_plain || yaml_scalar::is_text_at_a_glance(text))
        {
            return Ok(Cow::Borrowed(text));
        }
        let fault = |message: &str| YamlFault { line: self.line, message: message.to_owned() };
        match self.datum()? {
            Datum::Null => Ok(Cow::Borrowed("null")),
            Datum::List(_) | Datum::Map(_) => Err(fault("a list or a map cannot be the key of a map")),
            Datum::Text(text) => Ok(Cow::Owned(text)),
            scalar => {
                scalar.cell().map(|(text, _)| text.into()).ok_or_else(|| fault("this cannot be the key of a map"))
            }
        }
    }

    /// The entries of a map with the texts of their keys, each key once: of one that comes again the last value counts.
    /// None of anything else.
    pub(crate) fn entries(&self) -> Result<Vec<Entry<'_>>, YamlFault> {
        let Node::Map(pairs) = &self.node else { return Ok(Vec::new()) };
        let entry = |(key, value)| Ok(Entry { name: Yaml::key(key)?, key, value });
        let entries = pairs.iter().map(|(key, value)| entry((key, value))).collect::<Result<Vec<_>, YamlFault>>()?;
        let is_repeated = |idx: usize, entry: &Entry<'_>| entries[..idx].iter().any(|known| known.name == entry.name);
        // A walk over a few is quicker than a table.
        if entries.len() <= 32 && !entries.iter().enumerate().any(|(idx, entry)| is_repeated(idx, entry)) {
            return Ok(entries);
        }
        let mut last: IndexMap<Cow<'_, str>, Entry<'_>> = IndexMap::with_capacity(entries.len());
        for entry in entries {
            last.insert(entry.name.clone(), entry);
        }
        Ok(last.into_values().collect())
    }

    fn is_merge(&self) -> bool {
        matches!(&self.node, Node::Scalar { text, is_plain: true, kind: Kind::Untagged } if text == "<<")
    }

    /// How many values it is; a long text counts as several, for its bytes.
    fn size(&self) -> usize {
        1 + match &self.node {
            Node::Scalar { text, .. } => text.len() / BYTES_OF_A_VALUE,
            Node::List(elements) => elements.iter().map(Yaml::size).sum(),
            Node::Map(entries) => entries.iter().map(|(key, value)| key.size() + value.size()).sum(),
        }
    }
}

/// The kind that a tag gives, or the tag where we do not know it. `!unsafe` says that a text is no template, which for us
/// none is.
fn kind_of(tag: Option<&Tag>) -> Result<Kind, String> {
    let Some(tag) = tag else { return Ok(Kind::Untagged) };
    let is_core = tag.handle == "tag:yaml.org,2002:" || tag.handle == "!!";
    match (is_core, tag.suffix.as_str()) {
        (true, "str" | "binary") | (false, "") => Ok(Kind::Text),
        (true, "int") => Ok(Kind::Integer),
        (true, "float") => Ok(Kind::Number),
        (true, "bool") => Ok(Kind::Bool),
        (true, "null") => Ok(Kind::Null),
        (true, "set") => Ok(Kind::Set),
        (true, "map" | "seq" | "timestamp") | (false, "unsafe") => Ok(Kind::Untagged),
        (false, "vault" | "vault-encrypted") => Ok(Kind::Vault),
        _ => Err(format!("{}{}", tag.handle, tag.suffix)),
    }
}

fn unknown_tag(tag: &str) -> String {
    format!("the tag {} is none that Ansible knows", quoted(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn datum(text: &str) -> Datum {
        read(text).unwrap().unwrap().datum().unwrap()
    }

    fn fault(text: &str) -> YamlFault {
        match read(text) {
            Ok(document) => document.unwrap().datum().unwrap_err(),
            Err(fault) => fault,
        }
    }

    fn map(entries: &[(&str, Datum)]) -> Datum {
        Datum::Map(entries.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect())
    }

    #[test]
    fn aliases_and_merges() {
        use Datum::Integer;
        let text = "a: &x {k: 1, j: 2}\nb: {<<: *x, j: 3}\nc: *x\nd: {<<: [{q: 1}, {q: 2, r: 2}]}\n";
        let x = map(&[("k", Integer(1)), ("j", Integer(2))]);
        let b = map(&[("k", Integer(1)), ("j", Integer(3))]);
        let d = map(&[("q", Integer(1)), ("r", Integer(2))]);
        assert_eq!(datum(text), map(&[("a", x.clone()), ("b", b), ("c", x), ("d", d)]));
    }

    #[test]
    fn tags() {
        let text = "- !!str 5\n- !!int '7'\n- !!float 3\n- !vault xx\n- !unsafe '{{ x }}'\n- !!set {a, b}\n";
        let set = Datum::List(vec![Datum::Text("a".to_owned()), Datum::Text("b".to_owned())]);
        let wanted = [
            Datum::Text("5".to_owned()),
            Datum::Integer(7),
            Datum::Number(3.0),
            Datum::Vault,
            Datum::Text("{{ x }}".to_owned()),
            set,
        ];
        assert_eq!(datum(text), Datum::List(wanted.to_vec()));
        assert!(fault("a: !foo b").message.contains("`!foo`"));
    }

    #[test]
    fn bombs_are_refused() {
        let levels: String =
            (1..9).map(|n| format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 9].join(","))).collect();
        assert!(fault(&format!("a0: &a0 x\n{levels}")).message.contains("aliases"));
        assert!(fault(&"[".repeat(65)).message.contains("nested"));
        assert!(fault(&"[".repeat(100_000)).message.contains("recursion limit"));
        assert!(fault(&"- ".repeat(100_000)).message.contains("nested"));
        assert!(fault(&format!("a: {}", "x".repeat(LONGEST_SCALAR + 1))).message.contains("longer"));
        assert!(fault("a: &x [*x]").message.contains("alias"));
        assert_eq!(fault("a: 1\n---\nb: 2\n").line, 2);
        assert_eq!(fault("a: 1\nb: [\n").message.split(':').next(), Some("it is not YAML"));
    }

    #[test]
    fn nothing_is_no_document() {
        assert!(read("").unwrap().is_none());
        assert!(read("# only a comment\n").unwrap().is_none());
    }
}
