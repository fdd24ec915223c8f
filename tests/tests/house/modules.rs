//! The modules of a crate: the items that each defines, and the paths in its code. Parsed with syn, without code under
//! `#[cfg(test)]`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{fs, mem};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemImpl, ItemMod, ItemUse, Macro, Meta, Type, UseTree};

/// A module's path in its crate. Empty for the root.
pub(super) type ModulePath = Vec<String>;

#[derive(Debug, Default)]
pub(super) struct Module {
    pub file: PathBuf,
    pub children: BTreeSet<String>,
    pub items: BTreeSet<String>,
    /// Its imports by their local names: `use a::b as c` is `c` → `a::b`.
    pub names: BTreeMap<String, ModulePath>,
    /// Modules that it imports with a glob.
    pub globs: Vec<ModulePath>,
    /// Each path in its code.
    pub paths: BTreeSet<ModulePath>,
    /// The types for which it has an `impl` without a trait.
    pub methods_of: BTreeSet<String>,
}

#[derive(Debug)]
pub(super) struct Modules {
    /// The crate's name in the paths of other crates and of its own programs.
    pub name: String,
    pub all: BTreeMap<ModulePath, Module>,
}

impl Modules {
    /// Parses a crate from its root file.
    pub(super) fn read(root: &Path, name: &str) -> Self {
        let mut modules = Self { name: name.to_owned(), all: BTreeMap::new() };
        modules.read_file(&ModulePath::new(), root, root.parent().expect("a file is in a folder"));
        modules
    }

    fn read_file(&mut self, place: &ModulePath, file: &Path, folder: &Path) {
        let text = fs::read_to_string(file).unwrap();
        let items =
            syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display())).items;
        self.read_items(place, file, folder, &items);
    }

    fn read_items(&mut self, place: &ModulePath, file: &Path, folder: &Path, items: &[Item]) {
        let mut reader = Reader::default();
        items.iter().for_each(|item| reader.visit_item(item));
        let mut module = Module { file: file.to_owned(), ..reader.module };
        module.items = items.iter().flat_map(defined).collect();
        for child in items.iter().filter_map(child) {
            let name = child.ident.to_string();
            let (place, folder) =
                ([place.as_slice(), std::slice::from_ref(&name)].concat(), folder.join(&name));
            module.children.insert(name.clone());
            if let Some((_, items)) = &child.content {
                self.read_items(&place, file, &folder, items);
                continue;
            }
            let beside = folder.with_extension("rs");
            let file = if beside.is_file() { beside } else { folder.join("mod.rs") };
            self.read_file(&place, &file, &folder);
        }
        self.all.insert(place.clone(), module);
    }
}

/// The names that an item defines. A macro may define each name in its input that is outside of brackets.
fn defined(item: &Item) -> Vec<String> {
    let name = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => {
            let handed = item.mac.tokens.clone().into_iter().filter_map(|token| match token {
                TokenTree::Ident(name) => Some(name.to_string()),
                _ => None,
            });
            return handed.chain(item.ident.as_ref().map(ToString::to_string)).collect();
        }
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return Vec::new(),
    };
    vec![name.to_string()]
}

/// A module that is not a test.
fn child(item: &Item) -> Option<&ItemMod> {
    match item {
        Item::Mod(child) if !is_test(&child.attrs) => Some(child),
        _ => None,
    }
}

/// Collects the contents of one module, without its child modules.
#[derive(Default)]
struct Reader {
    module: Module,
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_test(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, _: &'ast ItemMod) {}

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.follow(&item.tree, ModulePath::new());
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        if item.trait_.is_none()
            && let Type::Path(path) = &*item.self_ty
            && let Some(last) = path.path.segments.last()
        {
            self.module.methods_of.insert(last.ident.to_string());
        }
        visit::visit_item_impl(self, item);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.module.paths.insert(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    // `pub(in crate::log)` imports nothing.
    fn visit_vis_restricted(&mut self, _: &'ast syn::VisRestricted) {}

    fn visit_macro(&mut self, invoked: &'ast Macro) {
        self.paths_among(invoked.tokens.clone());
        visit::visit_macro(self, invoked);
    }
}

impl Reader {
    fn follow(&mut self, tree: &UseTree, mut place: ModulePath) {
        match tree {
            UseTree::Path(path) => {
                place.push(path.ident.to_string());
                self.follow(&path.tree, place);
            }
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.follow(tree, place.clone())),
            UseTree::Glob(_) => {
                self.module.paths.insert(place.clone());
                self.module.globs.push(place);
            }
            UseTree::Name(name) => self.call(place, &name.ident.to_string(), None),
            UseTree::Rename(name) => {
                self.call(place, &name.ident.to_string(), Some(name.rename.to_string()));
            }
        }
    }

    fn call(&mut self, mut place: ModulePath, name: &str, own: Option<String>) {
        if name != "self" {
            place.push(name.to_owned());
        }
        let name = own.or_else(|| place.last().cloned()).unwrap_or_default();
        self.module.paths.insert(place.clone());
        self.module.names.insert(name, place);
    }

    /// Collects paths in the input of a macro, whatever the macro makes of them.
    fn paths_among(&mut self, tokens: TokenStream) {
        let (mut path, mut colons) = (ModulePath::new(), 0);
        for token in tokens {
            match token {
                TokenTree::Ident(name) => {
                    if colons != 2 {
                        self.end(&mut path);
                    }
                    path.push(name.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Group(group) => {
                    self.end(&mut path);
                    self.paths_among(group.stream());
                }
                _ => self.end(&mut path),
            }
        }
        self.end(&mut path);
    }

    fn end(&mut self, path: &mut ModulePath) {
        let path = mem::take(path);
        if path.len() > 1 {
            self.module.paths.insert(path);
        }
    }
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// Whether an item is for tests: `#[test]`, `#[cfg(test)]`, or `test` among other conditions, such as
/// `#[cfg(any(test, fuzzing))]`.
pub(super) fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg") => {
            let words = list.tokens.to_string();
            words.split(|c: char| !c.is_alphanumeric()).any(|word| word == "test") && !words.contains("not")
        }
        meta => meta.path().is_ident("test"),
    })
}
