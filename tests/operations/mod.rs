//! The page for operators: its commands, one after the other, as they stand there.
//!
//! They run in a folder that stands for the machine, with what needs root or systemd played by `machine.sh`; the program,
//! PostgreSQL and all other tools are the real ones. Between the sections stands here what shows that they did what the
//! page says.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::harness::postgres::{binaries, free_port};

const PAGE: &str = include_str!("../../docs/operations.md");
/// The folders of the machine that the page names.
const FOLDERS: [&str; 5] = [
    "/etc/clientele",
    "/etc/systemd/system",
    "/usr/local/bin",
    "/var/lib/clientele",
    "/var/backups",
];
/// The port that the page names.
const PORT: &str = "50051";

/// What shows that the commands of a section did what it says.
const CHECKS: [(&str, &str); 6] = [
    (
        "Tenants and keys",
        "printf 'id,name\\n1,Ada\\n' > first.csv; printf 'id,name\\n2,Grace\\n' > second.csv
         printf '[customer]\\nexternal_ids = [{ system = \"x\", column = \"id\" }]\\ndisplay_name = \"name\"\\n' > map.toml
         call() { CLIENTELE_API_KEY_FILE=crm.key clientele \"$@\"; }
         call import first.csv --mapping map.toml
         ! clientele list customers 2> refusal; grep -q credential refusal",
    ),
    ("Back up a SQLite store", "call import second.csv --mapping map.toml"),
    (
        "Restore a SQLite store",
        "call list customers > found; grep -q Ada found; if grep -q Grace found; then false; fi",
    ),
    (
        "PostgreSQL",
        "rm crm.key; clientele keys create --tenant acme --for 'CRM import' --scopes read,write,import --out crm.key \
           --database-url postgres://clientele@localhost/clientele",
    ),
    (
        "Back up PostgreSQL",
        "call import second.csv --mapping map.toml
         psql --quiet --tuples-only --command 'select pg_switch_wal()'",
    ),
    ("Recover PostgreSQL", "call list customers | grep -q Grace"),
];

/// A section of the page with its commands.
struct Chapter {
    heading: String,
    commands: String,
}

/// Takes the page apart. Only commands are fenced as `sh`, and nothing is fenced as something else.
fn chapters(page: &str) -> Vec<Chapter> {
    let mut all: Vec<Chapter> = Vec::new();
    let mut is_command = false;
    for line in page.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            let (heading, commands) = (heading.to_owned(), String::new());
            all.push(Chapter { heading, commands });
        } else if let Some(language) = line.strip_prefix("```") {
            is_command = !is_command;
            assert_eq!(
                language,
                if is_command { "sh" } else { "" },
                "a fence of another language"
            );
        } else if let (true, Some(section)) = (is_command, all.last_mut()) {
            section.commands.push_str(line);
            section.commands.push('\n');
        }
    }
    all
}

#[test]
fn every_command_of_the_page_for_operators_runs() {
    let machine = Machine::new();
    let mut script = include_str!("machine.sh").to_owned();
    let sections = chapters(PAGE);
    for section in &sections {
        let heading = &section.heading;
        script += &format!(
            "\necho '== {heading}'\n{}",
            machine.of_page(&section.commands)
        );
        let check = CHECKS.iter().find(|(of, _)| of == heading);
        script += &machine.of_page(check.map_or("", |(_, check)| check));
        script.push('\n');
    }
    for (heading, _) in CHECKS {
        assert!(
            sections.iter().any(|section| section.heading == heading),
            "{heading}"
        );
    }
    machine.run(&script);
}

/// A folder that stands for a machine.
struct Machine {
    root: TempDir,
    port: String,
}

impl Machine {
    fn new() -> Machine {
        let machine = Machine {
            root: TempDir::new().unwrap(),
            port: free_port().to_string(),
        };
        let checkout = machine.root.path().join("checkout");
        fs::create_dir_all(checkout.join("ops")).unwrap();
        fs::create_dir_all(checkout.join("target/dist")).unwrap();
        for file in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/ops")).unwrap() {
            let file = file.unwrap();
            let text = machine.of_page(&fs::read_to_string(file.path()).unwrap());
            fs::write(checkout.join("ops").join(file.file_name()), text).unwrap();
        }
        let program = checkout.join("target/dist/clientele");
        let runs = format!(
            "#!/bin/sh\nexec '{}' \"$@\"\n",
            env!("CARGO_BIN_EXE_clientele")
        );
        fs::write(&program, runs).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        machine
    }

    /// Returns a text with the folders and the port of this machine for those that the page names.
    fn of_page(&self, text: &str) -> String {
        let root = self.root.path().display();
        let mut text = text.to_owned();
        for folder in FOLDERS {
            text = text.replace(folder, &format!("{root}{folder}"));
        }
        text.replace(PORT, &self.port)
    }

    fn run(&self, script: &str) {
        let checkout = self.root.path().join("checkout");
        let file = self.root.path().join("script");
        fs::write(&file, script).unwrap();
        let output = Command::new("bash")
            .arg(&file)
            .current_dir(checkout)
            .env("ROOT", self.root.path())
            .env("PG_BIN", binaries().unwrap())
            .env("POSTGRES_PORT", free_port().to_string())
            .env(
                "CLIENTELE_ADDRESS",
                format!("http://127.0.0.1:{}", self.port),
            )
            .output()
            .unwrap();
        let (out, err) = (
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
        assert!(output.status.success(), "{out}\n{err}");
    }
}

/// The unit is one that systemd takes, where there is a systemd.
#[test]
fn the_unit_is_whole() {
    let machine = Machine::new();
    let unit = Path::new("ops/clientele.service");
    let checkout = machine.root.path().join("checkout");
    let program = machine.root.path().join("usr/local/bin");
    fs::create_dir_all(&program).unwrap();
    fs::copy(
        checkout.join("target/dist/clientele"),
        program.join("clientele"),
    )
    .unwrap();
    let verified = Command::new("systemd-analyze")
        .arg("verify")
        .arg(unit)
        .current_dir(checkout)
        .output();
    match verified {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            println!("not run: there is no systemd-analyze");
        }
        verified => {
            let verified = verified.unwrap();
            let told = String::from_utf8_lossy(&verified.stderr);
            assert!(verified.status.success() && told.is_empty(), "{told}");
        }
    }
}
