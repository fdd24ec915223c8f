//! The imports between sibling modules: at each level, they form no cycle. A child may use its parent, and a parent its
//! children. An import of a deeper module counts as an import of the sibling that contains it.

use std::collections::{BTreeMap, BTreeSet};

use super::modules::{ModulePath, Modules};

/// The imports at one level. The key is the importing sibling and the imported one. The value has a text for each
/// import, with its file and path.
type Imports = BTreeMap<(String, String), BTreeSet<String>>;

/// Each cycle of the crate: the level, its siblings, and the imports between them.
pub(super) fn circles(modules: &Modules) -> Vec<(ModulePath, Vec<String>, Imports)> {
    let mut circles = Vec::new();
    for (level, imports) in imports(modules) {
        for siblings in tied(&imports) {
            let inside = |(one, other): &(String, String)| siblings.contains(one) && siblings.contains(other);
            let between = imports.iter().filter(|(pair, _)| inside(pair));
            let between = between.map(|(pair, paths)| (pair.clone(), paths.clone())).collect();
            circles.push((level.clone(), siblings, between));
        }
    }
    circles
}

fn imports(modules: &Modules) -> BTreeMap<ModulePath, Imports> {
    let mut levels: BTreeMap<ModulePath, Imports> = BTreeMap::new();
    for (from, module) in &modules.all {
        for path in &module.paths {
            let Some(to) = modules.home(from, path, 0) else { continue };
            let common = from.iter().zip(&to).take_while(|(one, other)| one == other).count();
            if let (Some(one), Some(other)) = (from.get(common), to.get(common)) {
                let level = levels.entry(from[..common].to_vec()).or_default();
                let said = format!("{} names {}", module.file.display(), path.join("::"));
                level.entry((one.clone(), other.clone())).or_default().insert(said);
            }
        }
    }
    levels
}

impl Modules {
    /// The module that defines the item that `path` refers to in module `from`. `None` if the item is in another crate.
    fn home(&self, from: &ModulePath, path: &[String], steps: usize) -> Option<ModulePath> {
        // A cycle of re-exports would not compile. The limit ends the search if the code only looks like such a cycle.
        if steps > 12 {
            return None;
        }
        let (first, rest) = path.split_first()?;
        let (mut place, mut rest) = match first.as_str() {
            "crate" => (ModulePath::new(), rest),
            name if *name == self.name => (ModulePath::new(), rest),
            "self" => (from.clone(), rest),
            "super" => (from.split_last()?.1.to_vec(), rest),
            _ => (from.clone(), path),
        };
        while let Some((first, behind)) = rest.split_first()
            && first == "super"
        {
            place.pop();
            rest = behind;
        }
        // A name that is neither a child nor defined here is local or from another crate.
        let is_bare = place == *from && rest.len() == path.len();
        while let Some((first, behind)) = rest.split_first() {
            let module = self.all.get(&place)?;
            if module.children.contains(first) {
                place.push(first.clone());
                rest = behind;
                continue;
            }
            if module.items.contains(first) {
                return Some(place);
            }
            if let Some(named) = module.names.get(first) {
                // Items of another crate have no module here.
                let longer = [named.as_slice(), behind].concat();
                let means_itself = is_bare && place == *from && named.first() == Some(first);
                return if means_itself { None } else { self.home(&place, &longer, steps + 1) };
            }
            let all_of = module.globs.iter().filter_map(|glob| self.home(&place, glob, steps + 1));
            let through = |glob: ModulePath| {
                let longer = [&["self".to_owned()], rest].concat();
                let module = self.all.get(&glob)?;
                let has = module.items.contains(first) || module.names.contains_key(first);
                (has && glob != place).then(|| self.home(&glob, &longer, steps + 1))?
            };
            let found = all_of.filter_map(through).next();
            return if is_bare { found } else { found.or(Some(place)) };
        }
        Some(place)
    }
}

/// Siblings that import each other, directly or through others.
fn tied(imports: &Imports) -> Vec<Vec<String>> {
    let siblings: BTreeSet<&String> = imports.keys().flat_map(|(one, other)| [one, other]).collect();
    let reached = |from: &String| {
        let (mut reached, mut ahead) = (BTreeSet::new(), vec![from.clone()]);
        while let Some(next) = ahead.pop() {
            let further = imports.keys().filter(|(one, _)| *one == next).map(|(_, other)| other.clone());
            ahead.extend(further.filter(|other| reached.insert(other.clone())));
        }
        reached
    };
    let reached: BTreeMap<&String, BTreeSet<String>> =
        siblings.iter().map(|one| (*one, reached(one))).collect();
    let mut left = siblings.clone();
    let mut circles = Vec::new();
    while let Some(one) = left.pop_first() {
        let back = |other: &&String| reached[one].contains(*other) && reached[*other].contains(one);
        let others: Vec<&String> = left.iter().copied().filter(|other| back(other)).collect();
        if !others.is_empty() {
            left.retain(|other| !others.contains(other));
            circles.push([one].into_iter().chain(others).cloned().collect());
        }
    }
    circles
}
