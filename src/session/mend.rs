use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use crate::diagnostic::{Code, Mend, Mended, Problem, Problems, mend};
use crate::session::Session;
use crate::source::{FileId, Place};
use crate::time::Moment;
use crate::world::World;

/// A script after all of its fixes that a machine can apply, with what they would change. Nothing is written yet.
#[derive(Debug)]
pub struct Mending {
    /// As it is after the fixes.
    pub session: Session,
    /// What is left.
    pub problems: Problems,
    pub done: Vec<Done>,
    /// The files that change, in the order of their first change.
    pub changes: Vec<Change>,
}

/// A fix that was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    pub code: Code,
    pub title: String,
    /// The name of the file.
    pub file: String,
    /// Of the first edit, in the text that the fix was found in.
    pub place: Place,
}

/// One file before and after. A byte order mark is in both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// As problems name it.
    pub name: String,
    pub path: PathBuf,
    pub before: String,
    pub after: String,
}

/// A mend brings others to light; a chain of mends that never ends is cut.
const MOST_ROUNDS: usize = 20;

const BYTE_ORDER_MARK: &str = "\u{feff}";

impl Session {
    /// Loads a script, applies the fixes of the problems that `find` gives, loads what came of it, and so on until there
    /// are none to apply. Only the script and its own modules change, never an inventory or the library. A fix after which
    /// its problem is still there is taken back.
    pub fn mended(world: &dyn World, script: &Path, find: impl Fn(&Session) -> Problems) -> Mending {
        let mut mended = MendedWorld { world, changes: Vec::new() };
        let mut session = Session::load(&mended, script);
        let mut problems = find(&session);
        let mut done = Vec::new();
        let mut useless: BTreeSet<Kind> = BTreeSet::new();
        for _ in 0..MOST_ROUNDS {
            let useful = problems.iter().filter(|problem| !useless.contains(&Kind::of(problem))).cloned().collect();
            let step = mend(&useful, &session.sources, |file| session.path_of(file).is_some());
            if step.done.is_empty() {
                break;
            }
            let before = mended.changes.clone();
            mended.take(&session, &step);
            let next = Session::load(&mended, script);
            let left = find(&next);
            let still_there: Vec<Kind> = not_mended(&step.done, &problems, &left);
            if still_there.is_empty() {
                done.extend(step.done.iter().map(|mend| Done::of(mend, &session)));
                (session, problems) = (next, left);
                useless.clear();
            } else {
                mended.changes = before;
                useless.extend(still_there);
            }
        }
        Mending { session, problems, done, changes: mended.changes }
    }

    fn path_of(&self, file: FileId) -> Option<&Path> {
        self.files.iter().find(|program| program.file == file)?.path.as_deref()
    }
}

/// Problems that read the same. Places do not tell them apart: a mend before them moves them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Kind {
    code: Code,
    message: String,
}

impl Kind {
    fn of(problem: &Problem) -> Self {
        Self { code: problem.code, message: problem.message.clone() }
    }
}

/// The kinds of which more are left than there were, less the mends that were made.
fn not_mended(done: &[Mend], before: &Problems, after: &Problems) -> Vec<Kind> {
    let count = |problems: &Problems, kind: &Kind| problems.iter().filter(|problem| Kind::of(problem) == *kind).count();
    let mut made: BTreeMap<Kind, usize> = BTreeMap::new();
    for mend in done {
        *made.entry(Kind { code: mend.code, message: mend.message.clone() }).or_default() += 1;
    }
    made.into_iter()
        .filter(|(kind, made)| count(after, kind) + made > count(before, kind))
        .map(|(kind, _)| kind)
        .collect()
}

impl Done {
    fn of(mend: &Mend, session: &Session) -> Self {
        let source = session.sources.get(mend.at.file);
        let place = source.place(mend.at.start as usize);
        Self { code: mend.code, title: mend.title.clone(), file: source.name().to_owned(), place }
    }
}

/// A world in which the mended texts stand already.
struct MendedWorld<'w> {
    world: &'w dyn World,
    changes: Vec<Change>,
}

impl MendedWorld<'_> {
    fn take(&mut self, session: &Session, step: &Mended) {
        for (&file, text) in &step.texts {
            let Some(path) = session.path_of(file) else { continue };
            match self.changes.iter().position(|change| self.is_same(&change.path, path)) {
                Some(known) => {
                    if let Some(change) = self.changes.get_mut(known) {
                        change.after = marked(&change.before) + text;
                    }
                }
                None => {
                    // It was read a moment ago. What cannot be read now will not be written either.
                    let has_mark =
                        self.world.read(path).is_ok_and(|bytes| bytes.starts_with(BYTE_ORDER_MARK.as_bytes()));
                    let mark = if has_mark { BYTE_ORDER_MARK } else { "" };
                    let source = session.sources.get(file);
                    self.changes.push(Change {
                        name: source.name().to_owned(),
                        path: path.to_path_buf(),
                        before: format!("{mark}{}", source.text()),
                        after: format!("{mark}{text}"),
                    });
                }
            }
        }
    }

    fn is_same(&self, one: &Path, other: &Path) -> bool {
        one == other || self.absolute(one).ok().zip(self.absolute(other).ok()).is_some_and(|(one, other)| one == other)
    }
}

/// The byte order mark of a text that has one.
fn marked(text: &str) -> String {
    if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.to_owned() } else { String::new() }
}

impl World for MendedWorld<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match self.changes.iter().find(|change| self.is_same(&change.path, path)) {
            Some(change) => Ok(change.after.clone().into_bytes()),
            None => self.world.read(path),
        }
    }

    fn is_directory(&self, path: &Path) -> bool {
        self.world.is_directory(path)
    }

    fn is_file(&self, path: &Path) -> bool {
        self.world.is_file(path)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        self.world.list(folder)
    }

    fn absolute(&self, path: &Path) -> io::Result<PathBuf> {
        self.world.absolute(path)
    }

    fn now(&self) -> Moment {
        self.world.now()
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.world.variable(name)
    }

    fn user(&self) -> String {
        self.world.user()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;
    use crate::world::MemoryWorld;

    const SCRIPT: &str =
        "use \"gates.sunup\"\ninventory \"h.csv\"\nservice shop { hosts rloe == \"wbe\"  keep at least 1 up }\n";

    fn world(gates: &str) -> MemoryWorld {
        MemoryWorld::new().file("s.sunup", SCRIPT).file("gates.sunup", gates).file("h.csv", "name,role\na,web\nb,web\n")
    }

    fn mended(world: &MemoryWorld) -> Mending {
        Session::mended(world, Path::new("s.sunup"), |session| session.check_plans(None))
    }

    #[test]
    fn a_fix_that_brings_another_to_light_is_followed_in_modules_too() {
        let mending = mended(&world("\u{feff}gate up per host { rn \"true\" every 30s within 1h }\r\n"));
        let done: Vec<_> = mending.done.iter().map(|done| (done.title.as_str(), done.file.as_str())).collect();
        // The value can only be looked up once the field is right.
        assert_eq!(done, [("write `role`", "s.sunup"), ("write `run`", "gates.sunup"), ("write `\"web\"`", "s.sunup")]);
        assert!(mending.problems.iter().all(|problem| problem.fixes.is_empty()), "{:#?}", mending.problems);
        let [script, gates] = mending.changes.as_slice() else { panic!("{:#?}", mending.changes) };
        assert_eq!(script.before, SCRIPT);
        assert_eq!(script.after, SCRIPT.replace("rloe", "role").replace("wbe", "web"));
        assert_eq!(gates.after, "\u{feff}gate up per host { run \"true\" every 30s within 1h }\r\n");
        assert_eq!(gates.path, Path::new("gates.sunup"));
    }

    #[test]
    fn what_is_fine_does_not_change() {
        let mending = Session::mended(
            &MemoryWorld::new().file("s.sunup", "team t { members \"a\" may everything }"),
            Path::new("s.sunup"),
            |session| session.problems.clone(),
        );
        assert!(mending.changes.is_empty() && mending.done.is_empty());
    }

    /// What `find` gives for a script of one letter: its problem and what the fix makes of the letter.
    fn mended_letter(problem: impl Fn(char) -> (String, char)) -> Mending {
        let find = |session: &Session| {
            let (file, source) = session.sources.iter().next().unwrap();
            let (message, becomes) = problem(source.text().chars().next().unwrap());
            let span = Span::new(file, 0, 1);
            let problem = Problem::error(Code::SYNTAX, message).label(span, "").fix("turn", span, becomes);
            Problems::from_iter([problem])
        };
        Session::mended(&MemoryWorld::new().file("s.sunup", "a"), Path::new("s.sunup"), find)
    }

    #[test]
    fn a_fix_that_mends_nothing_is_taken_back() {
        let mending = mended_letter(|_| ("wrong".to_owned(), 'b'));
        assert!(mending.changes.is_empty() && mending.done.is_empty(), "{:?}", mending.changes);
        assert_eq!(mending.problems.len(), 1);
    }

    #[test]
    fn fixes_that_undo_each_other_end() {
        let mending = mended_letter(|letter| (format!("wrong {letter}"), if letter == 'a' { 'b' } else { 'a' }));
        assert_eq!(mending.done.len(), MOST_ROUNDS);
    }
}
