//! The documents are tests: every script that a page shows is sound, with the inventory that the page shows beside it.

#![expect(clippy::unwrap_used, reason = "what a test cannot do without ends it")]
#![expect(clippy::disallowed_methods, reason = "a test of the documents reads them")]

use std::fs;
use std::path::Path;

use sunup::diagnostic::plain;
use sunup::repl::{Look, Prompt, Settings};
use sunup::session::Session;
use sunup::world::MemoryWorld;

#[test]
fn the_readme_shows_a_sound_script() {
    let servers = fs::read_to_string("examples/exchange-2007/servers.csv").unwrap();
    let scripts = scripts_of("README.md");
    assert_eq!(scripts.len(), 1);
    for script in scripts {
        assert_sound(&script, &[("servers.csv".to_owned(), servers.clone())], "README.md");
    }
}

#[test]
fn the_language_page_shows_sound_scripts() {
    let files = tables_of("docs/language.md");
    let scripts = scripts_of("docs/language.md");
    assert!(!scripts.is_empty() && !files.is_empty());
    for script in scripts {
        assert_sound(&script, &files, "docs/language.md");
    }
}

#[test]
fn the_changelog_and_the_pages_that_the_readme_names_are_there() {
    let readme = fs::read_to_string("README.md").unwrap();
    let links: Vec<&str> = readme.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    let ours: Vec<&&str> = links.iter().filter(|link| !link.starts_with("http")).collect();
    assert!(ours.len() >= 10, "found only {} links", ours.len());
    for link in ours {
        assert!(Path::new(link).exists(), "README.md names {link}, which is not there");
    }
}

fn assert_sound(script: &str, files: &[(String, String)], page: &str) {
    let world = files.iter().fold(MemoryWorld::new(), |world, (name, text)| world.file(name, text.as_str()));
    let world = world.file("page.sunup", script);
    let session = Session::load(&world, Path::new("page.sunup"));
    let problems = session.check_plans(None);
    assert!(problems.is_empty(), "a script of {page} has problems:\n{}", plain(&problems, &session.sources));
    assert!(session.model.is_some_and(|model| !model.rollouts.is_empty()), "a script of {page} has no rollout");
}

fn scripts_of(page: &str) -> Vec<String> {
    blocks_of(page).into_iter().filter(|(mark, _)| mark == "sunup").map(|(_, text)| text).collect()
}

/// The blocks marked `csv NAME`.
fn tables_of(page: &str) -> Vec<(String, String)> {
    let named = |(mark, text): (String, String)| mark.strip_prefix("csv ").map(|name| (name.to_owned(), text));
    blocks_of(page).into_iter().filter_map(named).collect()
}

/// Every fenced block with what stands after its opening fence.
fn blocks_of(page: &str) -> Vec<(String, String)> {
    let text = fs::read_to_string(page).unwrap();
    let mut blocks = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in text.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(mark)) => open = Some((mark.to_owned(), String::new())),
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some((_, body)), None) => {
                body.push_str(line);
                body.push('\n');
            }
            (None, None) => {}
        }
    }
    blocks
}

/// What the page says that the prompt answers is what it answers. `UPDATE=1` writes it.
#[test]
fn the_page_of_the_prompt_shows_what_it_answers() {
    const PAGE: &str = "docs/prompt.md";
    let text = fs::read_to_string(PAGE).unwrap();
    let files = blocks_of(PAGE).into_iter().filter_map(|(mark, text)| {
        let name = mark.strip_prefix("csv ").or(mark.strip_prefix("sunup "))?;
        Some((name.to_owned(), text))
    });
    let world = files.fold(MemoryWorld::new(), |world, (name, text)| world.file(name, text));
    let settings = Settings {
        world: &world,
        look: Look { width: 100, has_colours: false, rows: 40 },
        write: &|_, _| Ok(()),
        is_interrupted: &|| false,
    };
    let mut prompt = Prompt::new(settings);
    assert!(!prompt.open(Path::new("rollout.sunup")).has_failed);
    let mut written = String::new();
    let mut is_prompt = false;
    let mut asked = 0;
    for line in text.lines() {
        is_prompt = if is_prompt { line != "```" } else { line == "```prompt" };
        match line.strip_prefix("> ").filter(|_| is_prompt) {
            Some(input) => {
                let said = prompt.take(input);
                written.push_str(&format!("{line}\n{}{}", said.problems, said.answer));
                asked += 1;
            }
            None if is_prompt && line != "```prompt" => {}
            None => written.push_str(&format!("{line}\n")),
        }
    }
    assert!(asked >= 20, "the page asks only {asked} times");
    for command in prompt.take(":help").answer.lines().filter_map(|line| line.strip_prefix("  :")) {
        let name = command.split(' ').next().unwrap();
        assert!(text.contains(&format!("`:{name}")), "{PAGE} does not speak of `:{name}`");
    }
    if std::env::var_os("UPDATE").is_some() {
        fs::write(PAGE, &written).unwrap();
        return;
    }
    assert_eq!(text, written, "{PAGE} says otherwise than the prompt");
}
