//! Puts into the binary what it serves and ships: the explorer (built by npm from `web/`, when Node.js is there), the
//! demonstration data, and a name for what all of it was built from.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// Data set that `serve --demo` loads.
const DEMO: &str = "fixtures/dwse-2021";
/// The years after it, a folder each, that `serve --demo years` loads too.
const YEARS: &str = "fixtures/years";

/// The guides, and what they lead to.
const GUIDES: [&str; 5] = ["README.md", "CHANGELOG.md", "SECURITY.md", "docs", "packaging"];

/// What the program is compiled from.
const BUILT_FROM: [&str; 5] = ["src", "web/pages", "Cargo.toml", "Cargo.lock", "build.rs"];
/// What the explorer is built from.
const WEB: [&str; 6] =
    ["web/package.json", "web/package-lock.json", "web/src", "web/examples", "web/index.html", "web/vite.config.ts"];

fn main() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    for path in BUILT_FROM.iter().chain(&WEB).chain(&GUIDES).chain([&DEMO, &YEARS]) {
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
    for (table, doc, folder) in [
        ("DEMO", "The demonstration data: CSV files by name, compressed with gzip.", DEMO),
        ("YEARS", "The years after it: CSV files by folder and name, compressed with gzip.", YEARS),
    ] {
        let folder = root.join(folder);
        let mut fixtures = files_below(&folder, &folder);
        fixtures.retain(|name, _| name.ends_with(".csv"));
        write_table(&mut code, table, doc, &fixtures, &out);
    }
    let mut guides = BTreeMap::new();
    for name in GUIDES {
        let path = root.join(name);
        guides.extend(if path.is_dir() {
            files_below(&path, &root)
        } else {
            BTreeMap::from([(name.to_owned(), path)])
        });
    }
    let doc = "The guides and what they lead to, by where they stand among the sources, compressed with gzip.";
    write_table(&mut code, "GUIDES", doc, &guides, &out);
    let mut parts = BUILT_FROM
        .iter()
        .chain(&GUIDES)
        .chain([&DEMO, &YEARS])
        .map(|path| hash_of(&root.join(path)))
        .collect::<Vec<_>>();
    parts.extend(assets.values().map(|path| hash_of(path)));
    for variable in ["TARGET", "PROFILE", "OPT_LEVEL"] {
        parts.push(hash_of_value(&env::var(variable).ok()));
    }
    let build = hash_of_value(&parts);
    writeln!(code, "/// Names what this program was built from: two builds that may answer in two ways have two names.\npub const BUILD: &str = \"{build:016x}\";").expect("a String takes everything");
    fs::write(out.join("embedded.rs"), code).expect("OUT_DIR can be written");
}

/// Builds the explorer in a copy of its folder, so that the source tree stays clean.
fn build_explorer(web: &Path, copy: &Path) -> Result<PathBuf, String> {
    if env::var_os("BOORDTABEL_NO_WEB").is_some() {
        return Err("BOORDTABEL_NO_WEB is set".into());
    }
    // npm takes long, and this runs whenever a source of the program changes.
    let stamp = copy.with_extension("stamp");
    let source = format!("{:016x}", hash_of_value(&WEB.map(|path| hash_of(&web.join("..").join(path)))));
    if fs::read_to_string(&stamp).is_ok_and(|built| built == source) && copy.join("dist").exists() {
        return Ok(copy.join("dist"));
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
    fs::write(stamp, source).map_err(|error| error.to_string())?;
    Ok(copy.join("dist"))
}

fn hash_of_value(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// Names the content of a file, or of a folder with all that is below it.
fn hash_of(path: &Path) -> u64 {
    if path.is_dir() {
        let files = files_below(path, path).into_iter();
        return hash_of_value(&files.map(|(name, path)| (name, hash_of(&path))).collect::<Vec<_>>());
    }
    hash_of_value(&fs::read(path).ok())
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
    for (file, path) in files {
        let packed = folder.join(format!("{:016x}.gz", hash_of(path)));
        if !packed.exists() {
            let bytes = fs::read(path).expect("it was listed just now");
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
            encoder.write_all(&bytes).expect("a Vec takes everything");
            fs::write(&packed, encoder.finish().expect("a Vec takes everything")).expect("OUT_DIR can be written");
        }
        writeln!(code, "    ({file:?}, include_bytes!({:?})),", packed).expect("a String takes everything");
    }
    code.push_str("];\n");
}
