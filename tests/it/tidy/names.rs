//! Which file names which: the paths of each source file, followed to the file that declares what they lead to.

use std::collections::{BTreeMap, BTreeSet};

use super::tokens::{Token, tokens};

/// A module's path from the crate's root.
type Path = Vec<String>;

/// Where a path begins that a file names, and what it is called there.
#[derive(Clone, Debug)]
struct Use {
    path: Path,
    alias: String,
    /// Everything that the module holds.
    glob: bool,
}

/// What one file says.
#[derive(Debug, Default)]
struct Source {
    file: String,
    declared: BTreeSet<String>,
    uses: Vec<Use>,
    paths: Vec<Path>,
}

/// The files of a crate as modules.
pub struct Names {
    modules: BTreeMap<Path, Source>,
}

/// Each file with those that it names, and the names that it takes from each.
pub type Arrows = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

impl Names {
    /// Reads files by their path below `src/`. Tests look at things from outside, so they are left out.
    pub fn read<'f>(files: impl IntoIterator<Item = (&'f str, &'f str)>) -> Self {
        let mut modules = BTreeMap::new();
        for (file, text) in files {
            let path = module(file);
            if path.iter().any(|part| part == "tests") {
                continue;
            }
            let mut source = Source { file: file.to_owned(), ..Source::default() };
            Reader { tokens: &tokens(text), next: 0, source: &mut source }.items(&path, &path);
            modules.insert(path, source);
        }
        Self { modules }
    }

    /// Who names whom. A module's `mod` is no arrow, what it hands on of another file (`pub use`) is one.
    pub fn arrows(&self) -> Arrows {
        let mut arrows = Arrows::new();
        for (module, source) in &self.modules {
            let mut arrow = |file: &str, name: &str| {
                if file != source.file {
                    let names = arrows.entry(source.file.clone()).or_default().entry(file.to_owned()).or_default();
                    names.insert(name.to_owned());
                }
            };
            for found in &source.uses {
                // A module alone is no arrow: what is taken from it, by its name, is.
                let by_name = |path: &Path| path[0] == found.alias;
                match self.resolve(&found.path, 0) {
                    Some((_, true)) if !found.glob && source.paths.iter().any(by_name) => {}
                    Some((file, _)) => arrow(&file, if found.glob { "*" } else { &found.alias }),
                    None => {}
                }
            }
            for path in &source.paths {
                let absolute = self.absolute(module, source, path);
                if let Some((file, _)) = absolute.and_then(|path| self.resolve(&path, 0)) {
                    arrow(&file, path.last().expect("a path has parts"));
                }
            }
        }
        arrows
    }

    /// A path from the root, for one that begins with a name of the module.
    fn absolute(&self, module: &Path, source: &Source, path: &Path) -> Option<Path> {
        if path[0] == "crate" {
            return Some(path[1..].to_vec());
        }
        let used = source.uses.iter().find(|it| it.alias == path[0] && !it.glob);
        let child: Path = module.iter().chain([&path[0]]).cloned().collect();
        let start = match used {
            Some(used) => used.path.clone(),
            None if self.modules.contains_key(&child) => child,
            None => return None,
        };
        Some(start.into_iter().chain(path[1..].iter().cloned()).collect())
    }

    /// The file that declares what a path leads to, and whether that is the module itself. What a macro declares cannot be
    /// told: then it is the file that the path names.
    fn resolve(&self, path: &[String], depth: usize) -> Option<(String, bool)> {
        let mut module = Path::new();
        let mut rest = path;
        loop {
            let source = self.modules.get(&module)?;
            let Some((name, after)) = rest.split_first() else { return Some((source.file.clone(), true)) };
            let child: Path = module.iter().chain([name]).cloned().collect();
            let is_module = self.modules.contains_key(&child);
            if !(is_module && (!after.is_empty() || !source.declared.contains(name))) {
                return Some((self.declaring(source, name, after, depth), false));
            }
            module = child;
            rest = after;
        }
    }

    fn declaring(&self, source: &Source, name: &str, after: &[String], depth: usize) -> String {
        assert!(depth < 20, "src/{}: `{name}` is handed on in a circle", source.file);
        let here = || source.file.clone();
        if source.declared.contains(name) {
            return here();
        }
        let follow = |path: &[String]| self.resolve(path, depth + 1).map(|(file, _)| file);
        let handed = source.uses.iter().find(|it| it.alias == name && !it.glob);
        if let Some(handed) = handed {
            let path: Path = handed.path.iter().chain(after).cloned().collect();
            return follow(&path).unwrap_or_else(here);
        }
        let globs = source.uses.iter().filter(|it| it.glob);
        let holds = |it: &&Use| self.modules.get(&it.path).is_some_and(|inner| inner.declared.contains(name));
        let glob = globs.filter(holds).find_map(|it| follow(&it.path));
        glob.unwrap_or_else(here)
    }
}

/// The module that a file is.
fn module(file: &str) -> Path {
    let path = file.strip_suffix(".rs").unwrap_or(file);
    let path = path.strip_suffix("/mod").unwrap_or(path);
    if path == "lib" { Path::new() } else { path.split('/').map(str::to_owned).collect() }
}

struct Reader<'t> {
    tokens: &'t [Token],
    next: usize,
    source: &'t mut Source,
}

impl Reader<'_> {
    fn peek(&self, ahead: usize) -> Option<&Token> {
        self.tokens.get(self.next + ahead)
    }

    fn is(&self, ahead: usize, text: &str) -> bool {
        self.peek(ahead).is_some_and(|token| token.text() == text)
    }

    fn word(&self, ahead: usize) -> Option<String> {
        self.peek(ahead).and_then(Token::word).map(str::to_owned)
    }

    /// Reads to the brace that closes the module (of the file: to its end). `file` is the module that the file is, `here`
    /// the one inside it.
    fn items(&mut self, file: &Path, here: &Path) {
        // How many braces are open that are no module's: what stands in them is not declared for others.
        let mut open = 0_usize;
        let mut for_tests = false;
        while self.next < self.tokens.len() {
            if self.is(0, "}") {
                self.next += 1;
                match open.checked_sub(1) {
                    Some(fewer) => open = fewer,
                    None => return,
                }
            } else if self.is(0, "{") {
                self.next += 1;
                open += 1;
            } else if self.is(0, "#") && self.is(2, "cfg") && self.is(4, "test") {
                self.next += 5;
                for_tests = true;
            } else if self.is(0, "use") && !self.is(1, "<") {
                self.next += 1;
                let before = self.source.uses.len();
                self.tree(here, &mut Path::new());
                if for_tests {
                    self.source.uses.truncate(before);
                }
                for_tests = false;
            } else if self.is(0, "mod") && self.is(2, "{") {
                let name = self.word(1).expect("a module has a name");
                self.next += 3;
                if for_tests {
                    self.skip();
                } else {
                    let inner: Path = here.iter().chain([&name]).cloned().collect();
                    self.source.declared.insert(name);
                    self.items(file, &inner);
                }
                for_tests = false;
            } else if let Some(word) = self.word(0) {
                let declares =
                    ["struct", "enum", "union", "trait", "fn", "const", "static", "type"].contains(&word.as_str());
                if word == "macro_rules" {
                    self.source.declared.extend(self.word(2));
                } else if declares && open == 0 {
                    let name = if self.is(1, "mut") || self.is(1, "fn") { 2 } else { 1 };
                    self.source.declared.extend(self.word(name));
                }
                if [";", "{"].iter().any(|end| self.is(1, end)) {
                    for_tests = false;
                }
                self.path(here);
            } else {
                self.next += 1;
            }
        }
        assert_eq!(file, here, "src/{}: a module that is not closed", self.source.file);
    }

    /// Skips to the brace that closes the module.
    fn skip(&mut self) {
        let mut open = 1;
        while open > 0 {
            open += usize::from(self.is(0, "{"));
            open -= usize::from(self.is(0, "}"));
            self.next += 1;
        }
    }

    /// A path in the code; one of a single name is none.
    fn path(&mut self, here: &Path) {
        // A field or method, a path that goes on after something else, such as `<T>::name`, or whom a name is visible to.
        let before = |back: usize| self.next.checked_sub(back).map_or("", |at| self.tokens[at].text());
        let goes_on = [".", "::"].contains(&before(1)) || (before(1) == "in" && before(2) == "(");
        let mut parts = vec![self.word(0).expect("it begins with a word")];
        self.next += 1;
        while self.is(0, "::") {
            let Some(word) = self.word(1) else { break };
            parts.push(word);
            self.next += 2;
        }
        if parts.len() > 1 && !goes_on {
            self.source.paths.push(rooted(here, parts));
        }
    }

    /// What one `use` names, from the root.
    fn tree(&mut self, here: &Path, before: &mut Path) {
        let start = before.len();
        loop {
            if self.is(0, "{") {
                self.next += 1;
                while !self.is(0, "}") {
                    self.tree(here, before);
                    if self.is(0, ",") {
                        self.next += 1;
                    }
                }
                self.next += 1;
                break;
            }
            let glob = self.is(0, "*");
            if !glob {
                before.push(self.word(0).unwrap_or_else(|| panic!("src/{}: a use that is no path", self.source.file)));
            }
            self.next += 1;
            if self.is(0, "::") {
                self.next += 1;
                continue;
            }
            let mut path = before.clone();
            if path.len() > 1 && path.last().is_some_and(|it| it == "self") {
                path.pop();
            }
            let mut alias = path.last().cloned().unwrap_or_default();
            if self.is(0, "as") {
                alias = self.word(1).unwrap_or_default();
                self.next += 2;
            }
            let path = rooted(here, path);
            let ours = path[0] == "crate";
            // A name of another crate, or of a module below: only the latter leads to a file.
            let path = if ours { path[1..].to_vec() } else { here.iter().chain(&path).cloned().collect() };
            self.source.uses.push(Use { path, alias, glob });
            break;
        }
        before.truncate(start);
    }
}

/// A path with `self`, `super` and the crate's name made into `crate`; others as they are.
fn rooted(here: &Path, path: Path) -> Path {
    let mut base = here.clone();
    let mut parts = path.into_iter().peekable();
    let root = || vec!["crate".to_owned()];
    match parts.peek().map(String::as_str) {
        Some("crate" | "boordtabel") => {
            parts.next();
            return root().into_iter().chain(parts).collect();
        }
        Some("self" | "super") => {}
        _ => return parts.collect(),
    }
    while let Some(part) = parts.next_if(|part| part == "self" || part == "super") {
        if part == "super" {
            base.pop();
        }
    }
    root().into_iter().chain(base).chain(parts).collect()
}
