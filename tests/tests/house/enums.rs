//! The decoder's public enums: each says whether it can grow.

use std::fs;
use std::path::Path;

use syn::visit::{self, Visit};
use syn::{Attribute, Expr, ExprLit, ItemEnum, ItemMacro, Lit, Meta, Visibility};

use super::{root, sources};

/// Users of a crate need to know for which enums a `match` without `_` will always compile. An enum that grows with a
/// new meter or protocol is `#[non_exhaustive]`. The documentation of any other has a line that begins with
/// "Exhaustive" and says why the enum does not grow.
#[test]
fn public_enums_of_the_decoder_are_exhaustive_or_can_grow() {
    let mut reader = Enums::default();
    for file in sources(&root().join("decoder/src")) {
        reader.read(&file);
    }
    assert!(reader.seen > 25, "{} public enums", reader.seen);
    assert!(reader.unsaid.is_empty(), "{}", reader.unsaid.join("\n"));
}

#[derive(Default)]
struct Enums {
    seen: usize,
    unsaid: Vec<String>,
}

impl Enums {
    fn read(&mut self, file: &Path) {
        let text = fs::read_to_string(file).unwrap();
        self.visit_file(
            &syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display())),
        );
    }

    fn judge(&mut self, name: &str, attributes: &[Attribute]) {
        self.seen += 1;
        let grows = attributes.iter().any(|attribute| attribute.path().is_ident("non_exhaustive"));
        let is_exhaustive =
            attributes.iter().filter_map(doc).any(|line| line.trim().starts_with("Exhaustive"));
        if grows == is_exhaustive {
            self.unsaid.push(format!("{name} is neither #[non_exhaustive] nor `Exhaustive`, or claims both"));
        }
    }
}

impl<'ast> Visit<'ast> for Enums {
    fn visit_item_enum(&mut self, item: &'ast ItemEnum) {
        if matches!(item.vis, Visibility::Public(_)) {
            self.judge(&item.ident.to_string(), &item.attrs);
        }
        visit::visit_item_enum(self, item);
    }

    /// The macro `words` generates enums.
    fn visit_item_macro(&mut self, item: &'ast ItemMacro) {
        if item.mac.path.is_ident("words") {
            let body = |input: syn::parse::ParseStream<'_>| {
                let attributes = Attribute::parse_outer(input)?;
                let name: syn::Ident = input.parse()?;
                input.parse::<proc_macro2::TokenStream>()?;
                Ok((name, attributes))
            };
            let (name, attributes) = item.mac.parse_body_with(body).unwrap();
            self.judge(&name.to_string(), &attributes);
        }
    }
}

fn doc(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(value) = &attribute.meta else { return None };
    let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = &value.value else { return None };
    value.path.is_ident("doc").then(|| text.value())
}
