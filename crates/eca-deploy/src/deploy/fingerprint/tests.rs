use std::io::Read as _;

use proptest::prelude::*;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::*;
use crate::wire::tree::Node;
use crate::wire::types::status::DeployStatus;

const OURS: &str = "0Af000000000001AAA";

/// Seconds after a start of the clock.
fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

fn now() -> SystemTime {
    at(140)
}

/// A start at second 100.
fn fingerprint() -> DeployFingerprint {
    DeployFingerprint {
        sent_at: Some(at(100)),
        user_id: Some("005000000000001AAA".to_owned()),
        check_only: false,
        ignore_warnings: Some(false),
        rollback_on_error: Some(true),
        test_level: Some("RunLocalTests".to_owned()),
        run_tests: Vec::new(),
        zip_bytes: Some(40_000),
        zip_comment_bytes: Some(38_000),
        validated: None,
    }
}

/// The deploy of that start.
fn ours() -> DeployResult {
    let json = br#"{"status":"Pending","checkOnly":false,"ignoreWarnings":false,"rollbackOnError":true,
        "runTestsEnabled":true,"zipSize":40000,"createdBy":"005000000000001AAA","createdDate":"1970-01-01T00:01:42Z"}"#;
    DeployResult::read(&Node::from_json(json).unwrap()).unwrap()
}

/// What is changed in the deploy, and how the change compares.
type Change = (fn(&mut DeployResult), Comparison);

const DIFFERENT: Comparison = Comparison::Different;
const UNDECIDED: Comparison = Comparison::Undecided;

const CHANGES: [Change; 15] = [
    (|deploy| deploy.check_only = true, DIFFERENT),
    (|deploy| deploy.ignore_warnings = true, DIFFERENT),
    (|deploy| deploy.rollback_on_error = false, DIFFERENT),
    (|deploy| deploy.run_tests_enabled = false, DIFFERENT),
    (
        |deploy| deploy.test_level = Some("RunAllTestsInOrg".to_owned()),
        DIFFERENT,
    ),
    (
        |deploy| deploy.run_tests = Some(vec!["A_Test".to_owned()]),
        DIFFERENT,
    ),
    (
        |deploy| deploy.validated_deploy_request_id = OURS.parse().ok(),
        DIFFERENT,
    ),
    (|deploy| deploy.zip_size = Some(40_001), DIFFERENT),
    (
        |deploy| deploy.created_by = Some("005000000000002AAA".to_owned()),
        DIFFERENT,
    ),
    // Six seconds before the request, and after now.
    (
        |deploy| deploy.created_date = Some("1970-01-01T00:01:34Z".to_owned()),
        DIFFERENT,
    ),
    (
        |deploy| deploy.created_date = Some("1970-01-01T00:02:26Z".to_owned()),
        DIFFERENT,
    ),
    (|deploy| deploy.zip_size = None, UNDECIDED),
    (|deploy| deploy.zip_size = Some(0), UNDECIDED),
    (|deploy| deploy.created_by = None, UNDECIDED),
    (|deploy| deploy.created_date = None, UNDECIDED),
];

#[test]
fn a_deploy_that_differs_in_a_fact_is_another() {
    assert_eq!(
        fingerprint().compare(&ours(), Some(now())),
        Comparison::Same
    );
    for (number, (change, expected)) in CHANGES.iter().enumerate() {
        let mut deploy = ours();
        change(&mut deploy);
        let compared = fingerprint().compare(&deploy, Some(now()));
        assert_eq!(compared, *expected, "change {number}");
    }
    // The same in another spelling.
    let spellings: [fn(&mut DeployResult); 5] = [
        |deploy| deploy.created_by = Some("005000000000001".to_owned()),
        |deploy| deploy.test_level = Some("RunLocalTests".to_owned()),
        |deploy| deploy.run_tests = Some(Vec::new()),
        |deploy| deploy.created_date = Some("1970-01-01T00:01:36.000+0000".to_owned()),
        |deploy| deploy.status = DeployStatus::Succeeded,
    ];
    for change in spellings {
        let mut deploy = ours();
        change(&mut deploy);
        let compared = fingerprint().compare(&deploy, Some(now()));
        assert_eq!(compared, Comparison::Same, "{deploy:?}");
    }
}

#[test]
fn a_fingerprint_that_lacks_a_fact_decides_nothing() {
    let lacking: [fn(&mut DeployFingerprint); 4] = [
        |start| start.sent_at = None,
        |start| start.user_id = None,
        |start| start.zip_bytes = None,
        |start| start.zip_comment_bytes = None,
    ];
    for (number, lack) in lacking.iter().enumerate() {
        let mut start = fingerprint();
        lack(&mut start);
        assert!(!start.is_recognizable(), "{number}");
        assert_eq!(start.compare(&ours(), Some(now())), UNDECIDED, "{number}");
    }
    // The org's clock.
    assert_eq!(fingerprint().compare(&ours(), None), UNDECIDED);
}

#[test]
fn tests_that_the_org_chooses_may_be_any_but_single_classes() {
    let mut start = fingerprint();
    start.test_level = None;
    for (level, runs, expected) in [
        (None, false, Comparison::Same),
        (None, true, Comparison::Same),
        (Some("NoTestRun"), false, Comparison::Same),
        (Some("RunSpecifiedTests"), true, DIFFERENT),
    ] {
        let mut deploy = ours();
        deploy.test_level = level.map(str::to_owned);
        deploy.run_tests_enabled = runs;
        assert_eq!(
            start.compare(&deploy, Some(now())),
            expected,
            "{level:?} {runs}"
        );
    }
    start.test_level = Some("NoTestRun".to_owned());
    assert_eq!(start.compare(&ours(), Some(now())), DIFFERENT);
}

#[test]
fn a_quick_deploy_has_the_validation_and_its_size() {
    let validated: DeployId = "0Af000000000009AAA".parse().unwrap();
    let mut start = DeployFingerprint::of_validated(&validated, Some(40_000));
    start.sent_at = fingerprint().sent_at;
    start.user_id = fingerprint().user_id;
    let mut deploy = ours();
    // The options are those of the validation. SOAP does not report it.
    deploy.ignore_warnings = true;
    assert_eq!(start.compare(&deploy, Some(now())), Comparison::Same);
    deploy.validated_deploy_request_id = Some(validated);
    assert_eq!(start.compare(&deploy, Some(now())), Comparison::Same);
    deploy.validated_deploy_request_id = OURS.parse().ok();
    assert_eq!(start.compare(&deploy, Some(now())), DIFFERENT);
    deploy.validated_deploy_request_id = None;
    deploy.zip_size = Some(1);
    assert_eq!(start.compare(&deploy, Some(now())), DIFFERENT);
    start.zip_bytes = None;
    assert_eq!(start.compare(&ours(), Some(now())), UNDECIDED);
}

fn id(number: usize) -> DeployId {
    format!("0Af{number:012}AAA").parse().unwrap()
}

fn choose(candidates: Vec<DeployResult>, now: u64, is_complete: bool) -> DeployMatch {
    let candidates = candidates.into_iter().enumerate();
    let observed = Observation {
        now: Some(at(now)),
        candidates: candidates.map(|(n, deploy)| (id(n), deploy)).collect(),
        is_complete,
    };
    fingerprint().choose(&observed, &HashSet::new())
}

/// "It is not there" is said only when it cannot be, and cannot come.
#[test]
fn a_missing_deploy_is_certain_only_in_the_end() {
    let mut other_size = ours();
    other_size.zip_size = Some(7);
    let mut other_option = ours();
    other_option.run_tests_enabled = false;
    for (candidates, now, is_complete, may_be_there) in [
        (vec![], 140, true, true),
        (vec![], 2000, true, false),
        (vec![other_size], 2000, true, false),
        (vec![], 2000, false, true),
        (vec![other_option], 2000, true, true),
    ] {
        let found = choose(candidates.clone(), now, is_complete);
        assert_eq!(
            found,
            DeployMatch::None { may_be_there },
            "{candidates:?} {now}"
        );
    }
}

#[test]
fn excluded_deploys_do_not_count() {
    let candidates = vec![(id(0), ours()), (id(1), ours())];
    let observed = Observation {
        now: Some(now()),
        candidates,
        is_complete: true,
    };
    let excluded = HashSet::from([id(0)]);
    let found = fingerprint().choose(&observed, &excluded);
    assert_eq!(found, DeployMatch::One(id(1)));
    let found = fingerprint().choose(&observed, &HashSet::new());
    assert_eq!(found, DeployMatch::Several(vec![id(0), id(1)]));
}

proptest! {
    /// No deploy that differs or lacks in any fact is ever taken, whatever else the org has, and
    /// one is taken only if nothing else may be it.
    #[test]
    fn at_most_one_is_taken_and_only_ours(
        org in prop::collection::vec(prop::collection::vec(0..CHANGES.len(), 0..3), 0..6),
    ) {
        let candidates: Vec<_> = org.iter().map(|changes| {
            let mut deploy = ours();
            for change in changes {
                CHANGES[*change].0(&mut deploy);
            }
            deploy
        }).collect();
        // A later change may undo that an earlier one made another: compare the members.
        let same: Vec<_> = candidates.iter().map(|deploy| *deploy == ours()).collect();
        match choose(candidates, 140, true) {
            DeployMatch::One(taken) => {
                let number = (0..same.len()).find(|number| id(*number) == taken).unwrap();
                prop_assert!(same[number]);
                prop_assert_eq!(same.iter().filter(|same| **same).count(), 1);
            }
            DeployMatch::None { .. } => prop_assert!(!same.contains(&true)),
            DeployMatch::Several(ids) => prop_assert!(!ids.is_empty()),
        }
    }

    #[test]
    fn a_comment_fits_into_the_limit(random: u32, used in 0_u64..200_000, limit in 0_u64..200_000) {
        match comment_length(random, used, limit) {
            Some(length) => prop_assert!(used + u64::from(length) <= limit),
            None => prop_assert!(used + MIN_COMMENT_LENGTHS > limit + 1),
        }
    }
}

#[test]
fn every_length_is_possible() {
    let lengths =
        |limit| (0..70_000_u32).filter_map(move |random| comment_length(random, 10, limit));
    assert_eq!(lengths(1 << 20).max(), Some(u16::MAX));
    assert_eq!(lengths(1 << 20).collect::<HashSet<_>>().len(), 65_536);
    assert_eq!(lengths(1009).max(), Some(999));
    assert_eq!(lengths(1008).max(), None);
}

#[test]
fn a_comment_leaves_the_files_as_they_are() {
    let mut writer = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    writer
        .start_file("package.xml", SimpleFileOptions::default())
        .unwrap();
    std::io::Write::write_all(&mut writer, b"<Package/>").unwrap();
    let zip = Zip::from(writer.finish().unwrap().into_inner());
    for length in [0, 1, 999, u16::MAX] {
        let sent = zip.with_comment(length).unwrap();
        assert_eq!(sent.length(), zip.length() + u64::from(length));
        let mut archive = ZipArchive::new(std::io::Cursor::new(sent.as_bytes())).unwrap();
        assert_eq!(archive.comment().len(), usize::from(length));
        let mut content = String::new();
        let mut file = archive.by_index(0).unwrap();
        file.read_to_string(&mut content).unwrap();
        assert_eq!(
            (content.as_str(), file.name().unwrap().as_ref()),
            ("<Package/>", "package.xml")
        );
        if length > 0 {
            assert_eq!(sent.with_comment(1), None, "a comment is not replaced");
        }
    }
    assert_eq!(Zip::from(&b"PK"[..]).with_comment(1), None);
}
