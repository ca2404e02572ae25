//! Puts into the binary what it serves and ships: the explorer (built by npm from `web/`, when Node.js is there) and the
//! demonstration data.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// Data set that `serve --demo` loads.
const DEMO: &str = "fixtures/dwse-2021";

fn main() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    for path in
        ["build.rs", "web/package-lock.json", "web/src", "web/examples", "web/index.html", "web/vite.config.ts", DEMO]
    {
        println!("cargo:rerun-if-changed={path}");
    }
    println!("cargo:rerun-if-env-changed=BOORDTABEL_NO_WEB");

    let (assets, missing) = match build_explorer(&root.join("web"), &out.join("web")) {
        Ok(dist) => (files_below(&dist, &dist), String::new()),
        Err(reason) => {
            println!("cargo:warning=the explorer is left out: {reason}");
            (BTreeMap::new(), reason)
        }
    };
    let mut code = String::new();
    write_table(&mut code, "EXPLORER", "Files of the explorer by path, compressed with gzip.", &assets, &out);
    writeln!(code, "/// Why the explorer was left out of this build; empty when it was not.\npub const EXPLORER_MISSING: &str = {missing:?};").expect("a String takes everything");
    let demo = root.join(DEMO);
    let mut fixtures = files_below(&demo, &demo);
    fixtures.retain(|name, _| name.ends_with(".csv"));
    write_table(&mut code, "DEMO", "The demonstration data: CSV files by name, compressed with gzip.", &fixtures, &out);
    fs::write(out.join("embedded.rs"), code).expect("OUT_DIR can be written");
}

/// Builds the explorer in a copy of its folder, so that the source tree stays clean.
fn build_explorer(web: &Path, copy: &Path) -> Result<PathBuf, String> {
    if env::var_os("BOORDTABEL_NO_WEB").is_some() {
        return Err("BOORDTABEL_NO_WEB is set".into());
    }
    // What an earlier build left must not come along again when it is gone from the source.
    for (name, path) in files_below(copy, copy) {
        if !web.join(&name).exists() {
            fs::remove_file(path).map_err(|error| error.to_string())?;
        }
    }
    for (name, path) in files_below(web, web) {
        if name.starts_with("node_modules") || name.starts_with("dist") || name.starts_with("test") {
            continue;
        }
        let target = copy.join(&name);
        fs::create_dir_all(target.parent().expect("it has one")).map_err(|error| error.to_string())?;
        fs::copy(path, target).map_err(|error| error.to_string())?;
    }
    npm(copy, &["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])?;
    npm(copy, &["run", "--silent", "build"])?;
    Ok(copy.join("dist"))
}

fn npm(folder: &Path, arguments: &[&str]) -> Result<(), String> {
    let program = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let output = Command::new(program).args(arguments).current_dir(folder).output();
    let output = output.map_err(|error| format!("`npm` does not start ({error}); install Node.js 20.19 or later"))?;
    if output.status.success() {
        return Ok(());
    }
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    let last: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).rev().take(3).collect();
    Err(format!("`npm {}` failed: {}", arguments.join(" "), last.join(" / ")))
}

fn files_below(folder: &Path, root: &Path) -> BTreeMap<String, PathBuf> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            if entry.file_name() != "node_modules" {
                files.extend(files_below(&path, root));
            }
        } else {
            let name = path.strip_prefix(root).expect("it is below").to_string_lossy().replace('\\', "/");
            files.insert(name, path);
        }
    }
    files
}

fn write_table(code: &mut String, name: &str, doc: &str, files: &BTreeMap<String, PathBuf>, out: &Path) {
    let folder = out.join("embedded").join(name);
    fs::create_dir_all(&folder).expect("OUT_DIR can be written");
    writeln!(code, "/// {doc}\npub static {name}: &[(&str, &[u8])] = &[").expect("a String takes everything");
    for (index, (file, path)) in files.iter().enumerate() {
        let bytes = fs::read(path).expect("it was listed just now");
        let packed = folder.join(format!("{index}.gz"));
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(&bytes).expect("a Vec takes everything");
        fs::write(&packed, encoder.finish().expect("a Vec takes everything")).expect("OUT_DIR can be written");
        writeln!(code, "    ({file:?}, include_bytes!({:?})),", packed).expect("a String takes everything");
    }
    code.push_str("];\n");
}
