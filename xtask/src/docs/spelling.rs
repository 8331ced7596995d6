//! Frequent misspellings, by the word list of the `typos` program.

use unicase::UniCase;

/// Words that are in the list and correct here.
const CORRECT: [&str; 0] = [];

/// Misspelt words of a page, each with its line. Code is not checked.
pub(super) fn check(path: &str, text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let mut in_block = false;
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
            continue;
        }
        if in_block {
            continue;
        }
        // Every second part is between backticks.
        for prose in line.split('`').step_by(2) {
            for word in prose.split(|c: char| !c.is_alphabetic() && c != '\'') {
                if let Some(better) = correction(word) {
                    let number = index + 1;
                    problems.push(format!("{path}:{number}: \"{word}\" is misspelt: {better}"));
                }
            }
        }
    }
    problems
}

/// The likely corrections of a misspelt word.
fn correction(word: &str) -> Option<String> {
    if CORRECT.contains(&word) || !word.is_ascii() {
        return None;
    }
    let better = typos_dict::WORD.find(&UniCase::new(word))?;
    Some(better.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_is_checked_and_code_is_not() {
        let text = "We recieve `teh` token.\n```\nteh\n```\n    Teh end.\n";
        assert_eq!(
            check("a.md", text),
            [
                "a.md:1: \"recieve\" is misspelt: receive",
                "a.md:5: \"Teh\" is misspelt: the",
            ]
        );
    }
}
