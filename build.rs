//! Compiles the protos: Rust types and services by tonic, and the encoded descriptors that reflection serves.
//!
//! Needs no protoc. The embedded set is protox's own encoding, because a trip through `prost_types` drops every
//! custom option (field behaviours, HTTP rules, resource types).

use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=proto");
    println!("cargo:rerun-if-changed=third_party");
    let out = PathBuf::from(env::var("OUT_DIR")?);

    let mut compiler = protox::Compiler::new(["proto", "third_party"])?;
    compiler.include_imports(true).include_source_info(true);
    for file in proto_files(Path::new("proto"))? {
        compiler.open_file(file)?;
    }
    for file in ["error_details", "status"] {
        compiler.open_file(format!("google/rpc/{file}.proto"))?;
    }
    fs::write(
        out.join("descriptors.bin"),
        compiler.encode_file_descriptor_set(),
    )?;

    let mut types = tonic_prost_build::Config::new();
    // Sorted maps: the same message always encodes to the same bytes, which request ids are compared by.
    types
        .btree_map(["."])
        .enable_type_names()
        .type_name_domain(["."], "type.googleapis.com");
    tonic_prost_build::configure()
        .include_file("generated.rs")
        .compile_fds_with_config(compiler.file_descriptor_set(), types)?;
    Ok(())
}

fn proto_files(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn std::error::Error>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(proto_files(&path)?);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "proto")
        {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
