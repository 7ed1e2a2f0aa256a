/// Splits a line as a shell would (Python's `shlex.split` with comments): blanks part words, quotes keep them together and
/// vanish, a backslash keeps the next character outside quotes and, in double quotes, a quote or a backslash. A `#`
/// outside quotes begins a comment, in the middle of a word too.
pub(crate) fn split(line: &str) -> Result<Vec<String>, &'static str> {
    let (mut words, mut word, mut is_word) = (Vec::new(), String::new(), false);
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match character {
            ' ' | '\t' | '\r' | '\n' => {
                if is_word {
                    words.push(std::mem::take(&mut word));
                }
                is_word = false;
            }
            '#' => break,
            '\\' => {
                word.push(characters.next().ok_or("a backslash ends the line")?);
                is_word = true;
            }
            quote @ ('\'' | '"') => {
                read_quoted(quote, &mut characters, &mut word)?;
                is_word = true;
            }
            other => {
                word.push(other);
                is_word = true;
            }
        }
    }
    if is_word {
        words.push(word);
    }
    Ok(words)
}

fn read_quoted(quote: char, characters: &mut std::str::Chars<'_>, word: &mut String) -> Result<(), &'static str> {
    const UNCLOSED: &str = "a quote is never closed";
    loop {
        match characters.next().ok_or(UNCLOSED)? {
            character if character == quote => return Ok(()),
            '\\' if quote == '"' => match characters.next().ok_or(UNCLOSED)? {
                kept @ ('"' | '\\') => word.push(kept),
                other => word.extend(['\\', other]),
            },
            character => word.push(character),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_a_shell() {
        let words = |line| split(line).unwrap();
        assert_eq!(words("web1 a=1  b='x y'"), ["web1", "a=1", "b=x y"]);
        assert_eq!(words(r#"h var_a="3\#4" b=3\#4"#), ["h", r"var_a=3\#4", "b=3#4"]);
        assert_eq!(words(r#"h a="\"q\"" b='\'"#), ["h", "a=\"q\"", "b=\\"]);
        assert_eq!(words("web1#x y"), ["web1"]);
        assert_eq!(words("a '' b"), ["a", "", "b"]);
        assert_eq!(words("a''b"), ["ab"]);
        assert!(split("a 'b").is_err());
        assert!(split("a \"b\\").is_err());
        assert!(split("a\\").is_err());
    }
}
