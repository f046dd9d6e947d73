//! Settings from a file, and the fault of a wrong one.
//!
//! The file is TOML. A key is the name of an option of `serve`, without the dashes before it; a value is what the option
//! takes. To clap, what the file says is the option's default: so a flag and an environment variable win over it, and a
//! value is checked as if it were typed. Help does not show it: there may be a password in it.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::PathBuf;

use clap::Command;
use clap::error::ErrorKind;

/// The environment variable that names the file.
pub(crate) const FILE_VARIABLE: &str = "CLIENTELE_CONFIG";
/// The option that names the file. The commands that have it take settings from there.
const FILE_OPTION: &str = "config";
/// The command whose options the keys are.
const KEYS_OF: &str = "serve";
/// The exit code for wrong settings (EX_USAGE of sysexits.h): a supervisor need not try again.
pub(crate) const EXIT_CODE: u8 = 64;

/// What is wrong with the settings: which one, why, and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct WrongSetting(String);

impl WrongSetting {
    pub(crate) fn new(what: impl Into<String>) -> WrongSetting {
        WrongSetting(what.into())
    }
}

/// Reads the settings file that the command line or the environment names, and makes its values the defaults of all
/// commands that take settings from it.
pub(crate) fn with_file(command: Command, args: &[OsString]) -> Result<Command, clap::Error> {
    let Some(path) = named_file(args) else {
        return Ok(command);
    };
    let wrong = |what: String| {
        let what = format!("--{FILE_OPTION} {}: {what}\n", path.display());
        clap::Error::raw(ErrorKind::ValueValidation, what)
    };
    let text = fs::read_to_string(&path)
        .map_err(|error| wrong(format!("the file cannot be read: {}", error.kind())))?;
    let file: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        wrong(format!("it is not TOML: {}", told(&error, &text)))
    })?;
    let mut defaults = Vec::new();
    for (key, value) in file {
        if !is_option(&command, &key) {
            return Err(wrong(format!(
                "`{key}` is no setting: the keys are the options that `clientele serve --help` lists, without --"
            )));
        }
        let value = typed(&value).ok_or_else(|| {
            wrong(format!(
                "`{key}` has to be a text, a number, or true or false"
            ))
        })?;
        defaults.push((key, value));
    }
    Ok(with_defaults(command, &defaults))
}

/// Finds the file before the command line is understood.
fn named_file(args: &[OsString]) -> Option<PathBuf> {
    let option = format!("--{FILE_OPTION}");
    let mut args = args.iter().take_while(|arg| *arg != "--");
    let typed = std::iter::from_fn(|| {
        let arg = args.next()?;
        let text = arg.to_str().unwrap_or_default();
        let value = text.strip_prefix(&option);
        Some(match value {
            Some("") => args.next().cloned(),
            Some(rest) => rest.strip_prefix('=').map(OsString::from),
            None => None,
        })
    });
    let typed = typed.flatten().last();
    typed
        .or_else(|| std::env::var_os(FILE_VARIABLE).filter(|path| !path.is_empty()))
        .map(PathBuf::from)
}

/// Says where a text is not TOML, without the text itself: there may be a password in it.
fn told(error: &toml::de::Error, text: &str) -> String {
    let at = error.span().map_or(0, |span| span.start);
    let line = text.get(..at).unwrap_or_default().matches('\n').count() + 1;
    format!("line {line}: {}", error.message())
}

fn is_option(command: &Command, key: &str) -> bool {
    let serve = command.find_subcommand(KEYS_OF);
    key != FILE_OPTION
        && serve.is_some_and(|serve| serve.get_arguments().any(|arg| arg.get_long() == Some(key)))
}

/// Returns a value as one would type it.
fn typed(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Float(number) => Some(number.to_string()),
        toml::Value::Boolean(yes) => Some(yes.to_string()),
        _ => None,
    }
}

fn with_defaults(command: Command, defaults: &[(String, String)]) -> Command {
    let command = command.mut_subcommands(|command| with_defaults(command, defaults));
    let takes_file = command
        .get_arguments()
        .any(|arg| arg.get_long() == Some(FILE_OPTION));
    if !takes_file {
        return command;
    }
    command.mut_args(|arg| {
        let key = arg.get_long().map(str::to_owned);
        let value = defaults.iter().find(|(name, _)| Some(name) == key.as_ref());
        match value {
            Some((_, value)) => {
                let hidden = arg.get_action().takes_values();
                arg.default_value(value.clone()).hide_default_value(hidden)
            }
            None => arg,
        }
    })
}

/// Says whether a command line is one of `serve`, for which what is wrong is a wrong setting.
pub(crate) fn is_serve(args: &[OsString]) -> bool {
    args.get(1)
        .is_some_and(|command| command == OsStr::new(KEYS_OF))
}
