//! Compiles the cassettes in: writes one `include_bytes!` row a file to `shipped.rs`.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("cassettes");
    let mut files = Vec::new();
    collect(&root, &mut files)?;
    files.sort();

    let rows: String = files.iter().map(|file| row(&root, file)).collect();
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("shipped.rs");
    fs::write(out, format!("const SHIPPED: &[(&str, &[u8])] = &[\n{rows}];\n"))
}

/// Cargo looks at a folder's own entries alone, so each folder has its line.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
    Ok(())
}

fn row(root: &Path, file: &Path) -> String {
    let below: Vec<_> = file.strip_prefix(root).unwrap_or(file).iter().map(|part| part.to_string_lossy()).collect();
    format!("    ({:?}, include_bytes!({:?})),\n", below.join("/"), file.display().to_string())
}
