//! The lengths of functions.

use std::fs;
use std::path::Path;

use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, ImplItemFn, ItemFn, ItemImpl, ItemMod, Signature, TraitItemFn};

use super::modules::is_test;

/// The functions of a file except tests, each with its number of lines from `fn` to the closing brace.
pub(super) fn functions(file: &Path) -> Vec<(String, usize)> {
    let text = fs::read_to_string(file).unwrap();
    let parsed = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let mut reader = Functions::default();
    reader.visit_file(&parsed);
    reader.found
}

#[derive(Default)]
struct Functions {
    found: Vec<(String, usize)>,
}

impl Functions {
    fn measure(&mut self, signature: &Signature, whole: &impl Spanned) {
        let lines = whole.span().end().line - signature.fn_token.span().start().line + 1;
        self.found.push((signature.ident.to_string(), lines));
    }
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        unless_test(&item.attrs, || visit::visit_item_mod(self, item));
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        unless_test(&item.attrs, || visit::visit_item_impl(self, item));
    }

    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        unless_test(&item.attrs, || {
            self.measure(&item.sig, item);
            visit::visit_item_fn(self, item);
        });
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        unless_test(&item.attrs, || {
            self.measure(&item.sig, item);
            visit::visit_impl_item_fn(self, item);
        });
    }

    fn visit_trait_item_fn(&mut self, item: &'ast TraitItemFn) {
        unless_test(&item.attrs, || {
            self.measure(&item.sig, item);
            visit::visit_trait_item_fn(self, item);
        });
    }
}

fn unless_test(attributes: &[Attribute], look: impl FnOnce()) {
    if !is_test(attributes) {
        look();
    }
}
