//! Settings from a file: what wins over it, and what is wrong with it.

use tempfile::TempDir;

use super::{start, text, write};
use crate::cli::{Ran, program};

fn serve_with(content: &str, args: &[&str]) -> Ran {
    let folder = TempDir::new().unwrap();
    let file = write(&folder, "clientele.toml", content);
    let mut command = program(folder.path());
    command.args(["serve", "--config", text(&file)]).args(args);
    Ran::of(command)
}

#[test]
fn a_file_gives_what_neither_flag_nor_environment_does() {
    let folder = TempDir::new().unwrap();
    let content = "database-url = 'sqlite://of-the-file.db'\ndemo = true\nmax-connections = 7\n";
    let file = write(&folder, "clientele.toml", content);
    let server = start(folder, &["--config", text(&file)]);
    assert!(
        server.greeting.contains("of-the-file.db"),
        "{}",
        server.greeting
    );
    assert!(server.greeting.contains("demo"), "{}", server.greeting);
    let folder = server.into_folder();

    let variable = ("CLIENTELE_DATABASE_URL", "sqlite://of-the-variable.db");
    let migrate = |args: &[&str]| {
        let mut command = program(folder.path());
        command
            .args(["migrate", "--config", text(&file)])
            .args(args);
        command.env(variable.0, variable.1);
        Ran::of(command).ok()
    };
    let said = migrate(&[]);
    assert!(said.starts_with("sqlite://of-the-variable.db "), "{said}");
    let said = migrate(&["--database-url", "sqlite://of-the-flag.db"]);
    assert!(said.starts_with("sqlite://of-the-flag.db "), "{said}");
}

#[test]
fn the_environment_names_the_file() {
    let folder = TempDir::new().unwrap();
    let file = write(&folder, "clientele.toml", "database-url = 'sqlite://x.db'");
    let mut command = program(folder.path());
    command.arg("migrate").env("CLIENTELE_CONFIG", file);
    let said = Ran::of(command).ok();
    assert!(said.starts_with("sqlite://x.db has schema"), "{said}");
}

#[test]
fn what_is_wrong_in_a_file_stops_the_start_by_name() {
    for (content, expected) in [
        ("lisen = '127.0.0.1:0'", "`lisen` is no setting"),
        ("config = 'other.toml'", "`config` is no setting"),
        ("listen = ['127.0.0.1:0']", "`listen` has to be a text"),
        ("listen = 'example.com:1'", "--listen"),
        ("max-connections = 0", "--max-connections"),
        ("demo = 'perhaps'", "--demo"),
        ("listen = \n", "line 1"),
        (
            "listen = '0.0.0.0:50051'",
            "--insecure-allow-unauthenticated",
        ),
        (
            "admin-listen = '0.0.0.0:9464'",
            "expected a loopback address",
        ),
        ("otlp-endpoint = 'collector'", "--otlp-endpoint"),
        ("trace-ratio = 2", "--trace-ratio"),
    ] {
        let why = serve_with(content, &[]).wrong_setting();
        assert!(why.contains(expected), "{content}: {why}");
    }
    let mut command = program(TempDir::new().unwrap().path());
    command.args(["serve", "--config", "missing.toml"]);
    command.current_dir(std::env::temp_dir());
    let why = Ran::of(command).wrong_setting();
    assert!(
        why.contains("--config missing.toml: the file cannot be read"),
        "{why}"
    );
}

#[test]
fn a_password_in_a_file_is_not_shown() {
    let content = "database-url = 'postgres://clientele:hunter2@127.0.0.1:1/clientele'";
    for (args, code) in [(&["--help"][..], 0), (&["--listen", "x"], 64), (&[], 1)] {
        let ran = serve_with(content, args);
        assert_eq!(ran.code, code, "{}", ran.err);
        let told = ran.out + &ran.err;
        assert!(!told.contains("hunter2"), "{told}");
    }
    let why = serve_with("database-url = 'hunter2", &[]).wrong_setting();
    assert!(!why.contains("hunter2"), "{why}");
}
