//! A tree in few lines: what `Debug` says, without places, each node on one line where it fits.

use std::fmt::Debug;

/// The outline of any tree of ours. Spans are left out, `At` and `Some` are their value, a `Name` is its text.
pub fn outline(tree: &impl Debug) -> String {
    let text = format!("{tree:?}");
    let mut out = String::new();
    if let Some(node) = (Reader { rest: &text }).node() {
        node.simple().write(0, &mut out);
    }
    out
}

const WIDTH: usize = 110;

#[derive(Debug, Clone)]
enum Node {
    Word(String),
    /// `Name { label: node }`, `Name(node)`, `[node]`, `(node)`: the opening bracket tells which.
    Group {
        name: String,
        open: char,
        children: Vec<(Option<String>, Node)>,
    },
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn node(&mut self) -> Option<Node> {
        let name = self.word();
        match self.rest.chars().next() {
            Some(open @ ('{' | '(' | '[')) => {
                self.rest = &self.rest[1..];
                Some(Node::Group { name, open, children: self.children() })
            }
            _ if name.is_empty() => None,
            _ => Some(Node::Word(name)),
        }
    }

    fn children(&mut self) -> Vec<(Option<String>, Node)> {
        let mut children = Vec::new();
        loop {
            self.rest = self.rest.trim_start_matches([' ', ',']);
            if let Some(rest) = self.rest.strip_prefix(['}', ')', ']']) {
                self.rest = rest;
                return children;
            }
            let before = self.rest;
            let word = self.word();
            let label = match self.rest.strip_prefix(": ") {
                Some(rest) => {
                    self.rest = rest;
                    Some(word)
                }
                None => {
                    self.rest = before;
                    None
                }
            };
            let Some(node) = self.node() else { return children };
            children.push((label, node));
        }
    }

    /// A text, or everything up to a bracket, a comma or the colon of a label; a blank before a bracket goes with it.
    fn word(&mut self) -> String {
        let end = if self.rest.starts_with('"') {
            let mut escaped = false;
            let close = self.rest.char_indices().skip(1).find(|(_, c)| {
                let ends = *c == '"' && !escaped;
                escaped = *c == '\\' && !escaped;
                ends
            });
            close.map_or(self.rest.len(), |(at, _)| at + 1)
        } else {
            let label = self.rest.find(": ").unwrap_or(self.rest.len());
            self.rest.find(['{', '}', '(', ')', '[', ']', ',']).unwrap_or(self.rest.len()).min(label)
        };
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word.trim().to_owned()
    }
}

impl Node {
    fn simple(self) -> Node {
        let Node::Group { name, open, children } = self else { return self };
        let mut children: Vec<_> = children
            .into_iter()
            .map(|(label, node)| (label, node.simple()))
            .filter(|(label, node)| {
                !(is_place(node) || label.is_some() && matches!(node, Node::Word(word) if word == "None"))
            })
            .collect();
        let is_wrapper = matches!(name.as_str(), "At" | "Some" | "Name" | "Expression" | "Literal" | "Item" | "File");
        if is_wrapper && children.len() == 1 {
            // INVARIANT: there is one.
            return children.remove(0).1;
        }
        Node::Group { name, open, children }
    }

    fn line(&self) -> String {
        match self {
            Node::Word(word) => word.clone(),
            Node::Group { name, open, children } => {
                let children: Vec<_> = children
                    .iter()
                    .map(|(label, node)| match label {
                        Some(label) => format!("{label}: {}", node.line()),
                        None => node.line(),
                    })
                    .collect();
                let (open, close) = brackets(*open);
                format!("{name}{open}{}{close}", children.join(", "))
            }
        }
    }

    fn write(&self, indent: usize, out: &mut String) {
        let line = self.line();
        match self {
            Node::Group { name, open, children } if line.len() + indent > WIDTH => {
                let (open, close) = brackets(*open);
                out.push_str(&format!("{name}{open}\n"));
                for (label, node) in children {
                    out.push_str(&" ".repeat(indent + 2));
                    if let Some(label) = label {
                        out.push_str(&format!("{label}: "));
                    }
                    node.write(indent + 2, out);
                }
                out.push_str(&format!("{}{close}\n", " ".repeat(indent)));
            }
            _ => out.push_str(&format!("{line}\n")),
        }
    }
}

fn brackets(open: char) -> (char, char) {
    match open {
        '{' => ('{', '}'),
        '(' => ('(', ')'),
        _ => ('[', ']'),
    }
}

fn is_place(node: &Node) -> bool {
    matches!(node, Node::Group { name, .. } if name == "Span")
}
