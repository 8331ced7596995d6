//! A plan as a comment in Markdown.

use std::fmt::Write as _;

use crate::plan::Plan;
use crate::render::Heading;
use crate::render::apps::{AppPart, Group};
use crate::render::escape::{fenced, html, line};
use crate::render::{lines, text};

/// The most bytes of a comment. GitHub refuses 65,536 characters; a byte is at most one.
pub const MARKDOWN_LIMIT: usize = 65_535;

/// The most apps that have a fold each. More are folded by group.
const MOST_FOLDS: usize = 20;
/// What is kept free for the line that says what was cut.
const RESERVE: usize = 400;

/// A plan in Markdown for a comment on a pull request: what it means in a line, risks and steps,
/// and the apps in folds. The first line is a mark by which the comment is found again. Foreign
/// text is escaped, and the whole is shorter than [`MARKDOWN_LIMIT`]; what does not fit is cut, app
/// by app, and counted.
pub fn markdown(plan: &Plan, heading: &Heading) -> String {
    let mark = heading.org.as_deref().map_or_else(String::new, |org| {
        // A comment of HTML ends at `--`.
        format!(" org={}", html(org).replace('-', "&#45;"))
    });
    let mut out = format!("<!-- eca-plan{mark} -->\n");
    // Writing to a String cannot fail.
    let _ = writeln!(out, "**{}**\n", html(&text::last_line(plan, heading)));
    for block in [text::risks(plan), text::steps(plan)] {
        if !block.is_empty() {
            let kept = shortened(&block, MARKDOWN_LIMIT / 4);
            let _ = writeln!(out, "{}", fenced(&kept));
        }
    }
    let mut parts = AppPart::all(plan);
    parts.retain(|part| {
        !part.changes.is_empty() || !part.conflicts.is_empty() || !part.policies.is_empty()
    });
    parts.sort_by_key(AppPart::group);
    let cut = if parts.len() <= MOST_FOLDS {
        each(&parts, &mut out)
    } else {
        grouped(&parts, &mut out)
    };
    if cut > 0 {
        let _ = writeln!(
            out,
            "\n{cut} of {} apps do not fit into a comment: see the plan in JSON or as text.",
            parts.len()
        );
    }
    out
}

/// A fold for each app. Returns how many did not fit.
fn each(parts: &[AppPart<'_>], out: &mut String) -> usize {
    for (index, part) in parts.iter().enumerate() {
        let fold = fold(&title(part), &fenced(&lines::of_app(part)));
        if out.len() + fold.len() + RESERVE > MARKDOWN_LIMIT {
            return parts.len() - index;
        }
        out.push_str(&fold);
    }
    0
}

/// A fold for each group of apps. Returns how many did not fit.
fn grouped(parts: &[AppPart<'_>], out: &mut String) -> usize {
    let mut cut = 0;
    for group in parts.chunk_by(|a, b| a.group() == b.group()) {
        let mut inside = String::new();
        let mut shown = 0;
        let budget = MARKDOWN_LIMIT.saturating_sub(out.len() + 2 * RESERVE);
        for part in group {
            let name = part.name.unwrap_or("Without an app");
            let entry = format!("{}\n{}", line(name), lines::of_app(part));
            if inside.len() + entry.len() > budget {
                break;
            }
            inside.push_str(&entry);
            shown += 1;
        }
        cut += group.len() - shown;
        if shown == 0 {
            continue;
        }
        let what = match group.first().map(AppPart::group) {
            Some(Group::Conflicts) => "in conflict",
            Some(Group::Risks) => "at risk",
            Some(Group::Changes) => "to change",
            Some(Group::Drift) => "drifted",
            Some(Group::Unreadable) => "unreadable",
            _ => "with nothing to do",
        };
        let title = format!("{} apps {what}", group.len());
        out.push_str(&fold(&title, &fenced(&inside)));
    }
    cut
}

fn title(part: &AppPart<'_>) -> String {
    let name = part.name.unwrap_or("Without an app");
    format!("{}: {}", html(name), part.summary())
}

fn fold(title: &str, inside: &str) -> String {
    format!("<details><summary>{title}</summary>\n\n{inside}\n</details>\n")
}

/// As many whole lines as fit.
fn shortened(block: &str, most: usize) -> String {
    let mut kept = String::new();
    let all = block.trim_end().lines();
    let count = all.clone().count();
    for (index, line) in all.enumerate() {
        if kept.len() + line.len() > most {
            // Writing to a String cannot fail.
            let _ = writeln!(kept, "  … and {} more", count - index);
            break;
        }
        kept.push_str(line);
        kept.push('\n');
    }
    kept
}
