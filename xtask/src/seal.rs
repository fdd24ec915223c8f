//! The last step of every `trunk build`: turns the files in Trunk's stage into a page with a strict policy.
//!
//! The texts of all languages become files (`app/locales`), two for each language. Each file gets a name with a hash of
//! its content ([`crate::names`]). Trunk starts the program from an inline script, which our Content-Security-Policy
//! forbids. Each inline script therefore becomes a file that is also named by its content. Then a list of this build's
//! files becomes the first line of the service worker. The list has the hash of each file, for the browser to check
//! (W3C Subresource Integrity, clause 3.1), and the policy that the page states.
//!
//! Only the page and the service worker keep their names, because browsers request them by name.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use metertap_locales::Locales;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::{
    failure::Failure,
    names::{Names, TEXTS, files_below, short_hash},
    page::RELEASE,
    wasm,
};

/// Seals the build that Trunk is about to publish.
///
/// # Errors
/// If the caller is not Trunk, or a file of the build could not be read or written.
pub(crate) fn run() -> Result<(), Failure> {
    let stage = PathBuf::from(env::var_os("TRUNK_STAGING_DIR").ok_or(Failure::NotInTrunk)?);
    if env::var("TRUNK_PROFILE").is_ok_and(|profile| profile == RELEASE) {
        leave_out_names(&stage)?;
    }
    leave_out_comments(&stage)?;
    write_texts(&stage)?;
    let names = Names::give(&stage, &[PAGE, WORKER])?;
    let page = stage.join(PAGE);
    let (html, scripts) = externalise(&names.put_into(&without_parts(&read(&page)?), ""));
    for script in scripts {
        write(&stage.join(script.name), script.text.as_bytes())?;
    }
    write(&page, html.as_bytes())?;
    let worker = stage.join(WORKER);
    let program = read(&worker)?;
    let policy = policy(&html).ok_or(Failure::NoPolicy)?;
    let build = describe(&stage, &program, policy)?;
    write(&worker, format!("const BUILD = {build};\n\n{program}").as_bytes())
}

fn write_texts(stage: &Path) -> Result<(), Failure> {
    let locales = Locales::read(Path::new(LOCALES)).map_err(|problem| Failure::Texts { problem })?;
    fs::create_dir_all(stage.join(TEXTS)).map_err(Failure::file(stage))?;
    locales.files().try_for_each(|(name, lines)| write(&stage.join(TEXTS).join(name), lines.as_bytes()))
}

/// Removes the names of functions from the programs. Only developers need the names, and they are a third of the
/// download.
fn leave_out_names(stage: &Path) -> Result<(), Failure> {
    for path in files_below(stage)?.iter().filter(|path| path.extension() == Some("wasm".as_ref())) {
        let module = fs::read(path).map_err(Failure::file(path))?;
        let bare = wasm::bare(&module).ok_or_else(|| Failure::NotWasm { path: path.clone() })?;
        write(path, &bare)?;
    }
    Ok(())
}

/// Removes comments from scripts and style sheets. Comments are a tenth of the download of these files.
fn leave_out_comments(stage: &Path) -> Result<(), Failure> {
    let has_comments = |path: &&PathBuf| path.extension().is_some_and(|is| is == "js" || is == "css");
    for path in files_below(stage)?.iter().filter(has_comments) {
        write(path, without_comments(&read(path)?).as_bytes())?;
    }
    Ok(())
}

/// A script or style sheet without the comments with which lines begin. A comment behind code stays.
fn without_comments(text: &str) -> String {
    let (mut kept, mut is_inside) = (String::with_capacity(text.len()), false);
    for line in text.split_inclusive('\n') {
        let begins = line.trim_start();
        if !is_inside && begins.starts_with("//") {
            continue;
        }
        is_inside |= begins.starts_with("/*");
        match begins.split_once("*/") {
            Some((_, after)) if is_inside => {
                is_inside = false;
                kept.push_str(after.trim_start());
            }
            _ if is_inside => {}
            _ => kept.push_str(line),
        }
    }
    kept
}

/// The page without the links that Trunk writes for the parts of programs. They would make the browser fetch the parts
/// with the page.
fn without_parts(html: &str) -> String {
    let mut links = html.split(PRELOAD);
    let mut kept = links.next().unwrap_or_default().to_owned();
    for link in links {
        let (address, rest) = link.split_once('"').unwrap_or((link, ""));
        match rest.split_once('>') {
            Some((_, after)) if address.starts_with("./snippets/") => kept.push_str(after),
            _ => kept.extend([PRELOAD, link]),
        }
    }
    kept
}

/// An inline script of the page.
#[derive(Debug, PartialEq, Eq)]
struct Script {
    name: String,
    text: String,
}

/// Replaces each inline script with a reference to a file. Returns the page and the scripts.
fn externalise(html: &str) -> (String, Vec<Script>) {
    let mut sealed = String::with_capacity(html.len());
    let mut scripts = Vec::new();
    let mut rest = html;
    while let Some((before, tag, text, after)) = split_script(rest) {
        sealed.push_str(before);
        sealed.push_str(tag);
        if tag.contains(" src=") {
            sealed.push_str(text);
        } else {
            let name = format!("boot-{}.js", short_hash(text.as_bytes()));
            sealed.truncate(sealed.len() - 1);
            sealed.push_str(&format!(" src=\"./{name}\">"));
            scripts.push(Script { name, text: text.trim().to_owned() + "\n" });
        }
        sealed.push_str(SCRIPT_END);
        rest = after;
    }
    sealed.push_str(rest);
    (sealed, scripts)
}

/// The text before the first script, its tag, its code, and the text after it.
fn split_script(html: &str) -> Option<(&str, &str, &str, &str)> {
    let (before, from_tag) = html.split_at(html.find("<script")?);
    let (tag, from_text) = from_tag.split_at(from_tag.find('>')? + 1);
    let (text, after) = from_text.split_once(SCRIPT_END)?;
    Some((before, tag, text, after))
}

/// The policy that a page states in its meta element.
fn policy(html: &str) -> Option<&str> {
    let (_, policy) = html.split_once("http-equiv=\"Content-Security-Policy\" content=\"")?;
    policy.split_once('"').map(|(policy, _)| policy)
}

/// Whether a file of the build is fetched on first use, and not on the first visit. These files are the parts of
/// programs (see `xtask/bindgen`), a program that few users need, and all texts but the first English ones.
pub(crate) fn is_fetched_later(name: &str) -> bool {
    let is_of_texts = name.starts_with(TEXTS) && !name.starts_with(FIRST_TEXTS);
    is_of_texts || name.starts_with(LATER) || name.starts_with(PARTS) && name.ends_with(".wasm")
}

/// Describes this build for the service worker. The description holds the files with their integrity (the page itself
/// as `./`), the files that are fetched later, and the page's policy. The name of the build, `generation`, changes with
/// each of these and with the worker's program, so that no two workers share a cache.
fn describe(stage: &Path, program: &str, policy: &str) -> Result<Value, Failure> {
    let (mut files, mut later) = (Map::new(), Map::new());
    for path in files_below(stage)? {
        let name = path.strip_prefix(stage).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        let url = match name.as_str() {
            WORKER => continue,
            PAGE => "./".to_owned(),
            _ => format!("./{name}"),
        };
        let bytes = fs::read(&path).map_err(Failure::file(&path))?;
        let integrity = format!("sha256-{}", BASE64_STANDARD.encode(Sha256::digest(bytes)));
        let those = if is_fetched_later(&name) { &mut later } else { &mut files };
        those.insert(url, integrity.into());
    }
    let generation = short_hash(format!("{}{}{policy}{program}", json!(files), json!(later)).as_bytes());
    Ok(json!({ "generation": generation, "policy": policy, "files": files, "later": later }))
}

fn read(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(Failure::file(path))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    fs::write(path, bytes).map_err(Failure::file(path))
}

const PAGE: &str = "index.html";
const WORKER: &str = "sw.js";
/// The program that few users need.
const LATER: &str = "workbook";
/// The folder with the parts of programs.
const PARTS: &str = "snippets/";
/// The English texts of a first visit.
const FIRST_TEXTS: &str = "locales/en-first";
/// The folder with the texts of all languages, in the folder from which Trunk runs its hooks.
const LOCALES: &str = "app/locales";
const SCRIPT_END: &str = "</script>";
const PRELOAD: &str = "<link rel=\"modulepreload\" href=\"";

#[cfg(test)]
mod tests {
    use super::*;
    use xtask::serve::CONTENT_SECURITY_POLICY;

    #[test]
    fn comments_at_the_beginnings_of_lines_are_left_out() {
        let script =
            "// One.\nlet a = 1; // stays\n    /**\n     * Two.\n     */\n/* three */ let b = \"/* 4 */\";\n";
        assert_eq!(without_comments(script), "let a = 1; // stays\nlet b = \"/* 4 */\";\n");
        assert_eq!(without_comments("a {\n    /* b\n    c */\n    d: e;\n}\n"), "a {\n    d: e;\n}\n");
    }

    #[test]
    fn inline_scripts_become_files_and_others_stay() {
        let html = "<head><script src=\"./a.js\"></script><script type=\"module\">\nimport './b.js';\n</script></head>";
        let (sealed, scripts) = externalise(html);
        assert_eq!(scripts.len(), 1);
        assert_eq!(scripts[0].text, "import './b.js';\n");
        let name = &scripts[0].name;
        let expected = format!(
            "<head><script src=\"./a.js\"></script><script type=\"module\" src=\"./{name}\"></script></head>"
        );
        assert_eq!(sealed, expected);
        assert_eq!(externalise(&sealed), (sealed.clone(), Vec::new()), "a sealed page stays as it is");
    }

    /// The tags are those that Trunk 0.21.14 writes.
    #[test]
    fn parts_of_programs_are_not_fetched_with_the_page() {
        let program = "<link rel=\"modulepreload\" href=\"./app.js\" crossorigin=\"anonymous\">";
        let part = "<link rel=\"modulepreload\" href=\"./snippets/engine/a.wasm\" crossorigin=\"anonymous\">";
        let module = "<link rel=\"preload\" href=\"./app_bg.wasm\" as=\"fetch\">";
        let html = format!("<head>{part}{program}{part}{part}{module}</head>");
        assert_eq!(without_parts(&html), format!("<head>{program}{module}</head>"));
    }

    #[test]
    fn the_policy_is_the_one_that_the_page_states() {
        let page = include_str!("../../index.html");
        assert_eq!(policy(page), CONTENT_SECURITY_POLICY.strip_suffix("; frame-ancestors 'none'"));
        assert_eq!(policy(&externalise(page).0), policy(page));
        assert_eq!(policy("<head><meta charset=\"utf-8\"></head>"), None);
    }

    #[test]
    fn a_builds_name_hashes_all_its_files() {
        let stage = env::temp_dir().join(format!("metertap-seal-{}", std::process::id()));
        fs::create_dir_all(stage.join("icons")).unwrap();
        fs::write(stage.join("icons/icon.svg"), "abc").unwrap();
        fs::write(stage.join(PAGE), "").unwrap();
        fs::write(stage.join(WORKER), "not in its own list").unwrap();
        fs::write(stage.join("workbook.js"), "abc").unwrap();
        let build = describe(&stage, "program", "policy").unwrap();
        // SHA-256 of the empty message and of "abc". The hash of "abc" is in FIPS 180-4's examples.
        let expected = json!({
            "./": "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
            "./icons/icon.svg": "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=",
        });
        assert_eq!(build["files"], expected);
        assert_eq!(build["later"], json!({ "./workbook.js": expected["./icons/icon.svg"] }));
        assert_eq!(build["policy"], "policy");
        assert_ne!(describe(&stage, "another", "policy").unwrap()["generation"], build["generation"]);
        assert_ne!(describe(&stage, "program", "another").unwrap()["generation"], build["generation"]);
        fs::write(stage.join(PAGE), "changed").unwrap();
        assert_ne!(describe(&stage, "program", "policy").unwrap()["generation"], build["generation"]);
        fs::remove_dir_all(&stage).unwrap();
    }
}
