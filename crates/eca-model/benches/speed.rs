//! What reading a project costs, as ratios: `cargo bench -p eca-model`.
//!
//! Every ratio compares work on the same bytes in the same run, so it is comparable between
//! machines. The program exits with 1 when a ratio is out of its bounds. Each time is the best of
//! several alternating rounds.

use std::error::Error;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use eca_model::{File, Project};

mod apps;

type Entries = Vec<(String, Vec<u8>)>;

const ROUNDS: usize = 9;
/// The seed of the measured apps.
const SEED: u64 = 66;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    if let [work, size] = arguments.as_slice()
        && let Some(task) = TASKS.iter().find(|task| task.name == work)
    {
        println!("{}", (task.run)(size)?);
        return Ok(ExitCode::SUCCESS);
    }
    let mut report = Report { missed: 0 };
    let entries = entries_of(1_000);
    let bytes: usize = entries.iter().map(|(_, bytes)| bytes.len()).sum();
    println!("{} files, {bytes} bytes", entries.len());
    let texts: Result<Vec<_>, _> = entries
        .iter()
        .map(|(_, bytes)| std::str::from_utf8(bytes))
        .collect();
    let texts = texts?;

    let (events, decode) = best_of_two(|| read_events(&texts), || decode_all(&texts));
    report.at_least(
        "typed decode / bare event loop, rate",
        ratio(events, decode),
        0.5,
    );

    let files: Result<Vec<File>, _> = texts.iter().map(|text| File::parse(*text)).collect();
    let files = files?;
    let mut out = Vec::with_capacity(bytes);
    let mut copy = Vec::with_capacity(bytes);
    let (write, memcpy) = best_of_two(
        || {
            out.clear();
            for file in &files {
                out.extend_from_slice(file.text().as_bytes());
            }
            black_box(out.len())
        },
        || {
            copy.clear();
            for text in &texts {
                copy.extend_from_slice(text.as_bytes());
            }
            black_box(copy.len())
        },
    );
    report.at_least(
        "lossless write-back / memcpy, rate",
        ratio(memcpy, write),
        0.25,
    );
    drop(files);

    let folder = tempfile::tempdir()?;
    let paths = write_project(folder.path(), &entries)?;
    let (read, load) = best_of_two(
        || {
            paths
                .iter()
                .map(|path| std::fs::read(path).map_or(0, |b| b.len()))
                .sum()
        },
        || Project::load(folder.path()).map_or(0, |project| project.references().len()),
    );
    report.at_most(
        "load and link 1,000 apps / read their files, time",
        ratio(load, read),
        3.0,
    );

    // The same apps in a hundred small projects and in one large one.
    let per_app = grown(&LINK, "100", "10000")?;
    report.at_most("cost per app, 10,000 apps / 100 apps, time", per_app, 1.2);
    let many = tempfile::tempdir()?;
    let small = entries_of(100);
    for project in 0..100 {
        write_project(&many.path().join(project.to_string()), &small)?;
    }
    let one = tempfile::tempdir()?;
    write_project(&one.path().join("0"), &entries_of(10_000))?;
    let (many, one) = (many.path().to_string_lossy(), one.path().to_string_lossy());
    println!(
        "{:55} {:6.2}",
        "reading those files only, 10,000 apps / 100 apps",
        grown(&READ, &many, &one)?
    );
    let per_app = grown(&LOAD, &many, &one)?;
    report.at_most("the same from disk", per_app, 1.2);

    let memory = in_a_process(&MEMORY, "10000")?;
    report.at_most("memory of 10,000 apps / bytes of their files", memory, 6.0);

    Ok(if report.missed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Work that is measured in its own process. Memory that an earlier measurement freed is faster to
/// allocate than new memory, so measurements in one process would affect each other.
struct Task {
    name: &'static str,
    run: fn(&str) -> Result<f64, Box<dyn Error>>,
}

const TASKS: [Task; 4] = [LINK, LOAD, READ, MEMORY];

/// Seconds to link 10,000 apps in memory, in projects of this many apps.
const LINK: Task = Task {
    name: "--link",
    run: |size| {
        let size: usize = size.parse()?;
        let projects: Vec<_> = (0..10_000 / size).map(|_| entries_of(size)).collect();
        let start = Instant::now();
        let projects: Vec<_> = projects.into_iter().map(link).collect();
        let seconds = start.elapsed().as_secs_f64();
        black_box(&projects);
        Ok(seconds)
    },
};

/// Seconds to load and link the projects in a folder.
const LOAD: Task = Task {
    name: "--load",
    run: |folder| {
        let mut folders = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            folders.push(entry?.path());
        }
        let start = Instant::now();
        let mut projects = Vec::new();
        for folder in folders {
            let project = Project::load(&folder)?;
            black_box(project.references().len());
            projects.push(project);
        }
        let seconds = start.elapsed().as_secs_f64();
        black_box(&projects);
        Ok(seconds)
    },
};

/// Seconds to read every file of the projects in a folder into memory: the share of the file
/// system.
const READ: Task = Task {
    name: "--read",
    run: |folder| {
        let start = Instant::now();
        let mut open = vec![PathBuf::from(folder)];
        let mut files = Vec::new();
        while let Some(folder) = open.pop() {
            for entry in std::fs::read_dir(folder)? {
                let entry = entry?;
                if entry.file_type()?.is_dir() {
                    open.push(entry.path());
                } else {
                    files.push(std::fs::read(entry.path())?);
                }
            }
        }
        let seconds = start.elapsed().as_secs_f64();
        black_box(&files);
        Ok(seconds)
    },
};

/// The memory that a project of this many apps takes, as a multiple of the bytes of its files.
const MEMORY: Task = Task {
    name: "--memory",
    run: |size| memory_of(size.parse()?),
};

/// The ratio of the times of two forms of the same work: the best of several processes each,
/// alternating.
fn grown(task: &Task, small: &str, large: &str) -> Result<f64, Box<dyn Error>> {
    let (mut best_small, mut best_large) = (f64::MAX, f64::MAX);
    for _ in 0..ROUNDS {
        best_small = best_small.min(in_a_process(task, small)?);
        best_large = best_large.min(in_a_process(task, large)?);
    }
    Ok(best_large / best_small)
}

fn in_a_process(task: &Task, size: &str) -> Result<f64, Box<dyn Error>> {
    let mut command = Command::new(std::env::current_exe()?);
    let output = command.args([task.name, size]).output()?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(format!("{} {size} failed: {errors}", task.name).into());
    }
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}

struct Report {
    missed: u32,
}

impl Report {
    fn at_least(&mut self, what: &str, value: f64, bound: f64) {
        self.line(what, value, "at least", bound, value >= bound);
    }

    fn at_most(&mut self, what: &str, value: f64, bound: f64) {
        self.line(what, value, "at most", bound, value <= bound);
    }

    fn line(&mut self, what: &str, value: f64, relation: &str, bound: f64, held: bool) {
        let mark = if held { "" } else { "  MISSED" };
        self.missed += u32::from(!held);
        println!("{what:55} {value:6.2}  ({relation} {bound}){mark}");
    }
}

/// How a project is read and linked in memory.
fn link(entries: Entries) -> Project {
    let project = Project::from_entries(entries);
    black_box(project.references().len());
    project
}

fn read_events(texts: &[&str]) -> usize {
    let mut count = 0;
    for text in texts {
        let mut reader = quick_xml::Reader::from_str(text);
        while let Ok(event) = reader.read_event() {
            if matches!(event, quick_xml::events::Event::Eof) {
                break;
            }
            count += 1;
        }
    }
    count
}

fn decode_all(texts: &[&str]) -> usize {
    let files = texts
        .iter()
        .filter_map(|text| File::<eca_model::Metadata>::parse(*text).ok());
    files
        .map(|file| black_box(&file).problems().len() + 1)
        .sum()
}

/// The best times of two pieces of work, done in turns.
fn best_of_two(
    mut one: impl FnMut() -> usize,
    mut other: impl FnMut() -> usize,
) -> (Duration, Duration) {
    let mut best = (Duration::MAX, Duration::MAX);
    for _ in 0..ROUNDS {
        best.0 = best.0.min(time(&mut one));
        best.1 = best.1.min(time(&mut other));
    }
    best
}

fn time(work: impl FnOnce() -> usize) -> Duration {
    let start = Instant::now();
    black_box(work());
    start.elapsed()
}

fn ratio(dividend: Duration, divisor: Duration) -> f64 {
    dividend.as_secs_f64() / divisor.as_secs_f64()
}

fn write_project(root: &Path, entries: &Entries) -> std::io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for (path, bytes) in entries {
        let path = root.join(path);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(&path, bytes)?;
        paths.push(path);
    }
    Ok(paths)
}

/// The files of this many apps, in the order of a walk through folders. They are generated one by
/// one.
fn entries_of(count: usize) -> Entries {
    let mut numbers: Vec<usize> = (0..count).collect();
    let mut entries = Vec::with_capacity(count * apps::TEMPLATES.len());
    for template in &apps::TEMPLATES {
        numbers.sort_by_cached_key(|number| template.path(&number.to_string()));
        entries.extend(numbers.iter().map(|&number| {
            let text = template.fill(&apps::App::new(SEED, number));
            (template.path(&number.to_string()), text)
        }));
    }
    entries
}

/// The memory that a project takes, as a multiple of the bytes of its files. Memory that the
/// process had before does not count.
fn memory_of(count: usize) -> Result<f64, Box<dyn Error>> {
    let before = resident_pages()?;
    let mut bytes = 0;
    let entries = (0..count).flat_map(|number| apps::files_of(SEED, number));
    let project = Project::from_entries(entries.inspect(|(_, content)| bytes += content.len()));
    black_box(project.components().len());
    let pages = resident_pages()?.saturating_sub(before);
    drop(project);
    let page_size = 4096.0;
    Ok(f64::from(u32::try_from(pages)?) * page_size / f64::from(u32::try_from(bytes)?))
}

/// The second number of `/proc/self/statm` (Linux), in pages of 4 KiB.
fn resident_pages() -> Result<u64, Box<dyn Error>> {
    let statm = std::fs::read_to_string("/proc/self/statm")?;
    let resident = statm
        .split(' ')
        .nth(1)
        .ok_or("statm has no second number")?;
    Ok(resident.parse()?)
}
