//! The edge's list of what needs no token is the API's.

use keystead_api::routes::document;
use keystead_edge::public::{Class, OPERATIONS, class, streams};

#[test]
fn the_public_operations_are_those_of_the_document() {
    let document = document();
    let mut public = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let (Some(permission), method) = (operation["x-permission"].as_str(), method.to_uppercase()) else {
                continue;
            };
            let expected = match permission {
                "public" if path == "/v1/auth/refresh" => Class::Renewal,
                "public" => Class::Auth,
                "operator" => Class::Operator,
                _ => Class::Private,
            };
            assert_eq!(class(&method, path), expected, "{method} {path}");
            if permission == "public" {
                public.push((method.clone(), path.clone()));
            }
            let types = operation["requestBody"]["content"].as_object();
            let file = types.is_some_and(|types| types.keys().any(|name| !name.contains("json")));
            assert_eq!(streams(&method, &path.replace("{id}", "imp_1")), file, "{method} {path} takes a file");
        }
    }
    public.sort();
    let mut listed: Vec<_> =
        OPERATIONS.iter().map(|(method, path)| ((*method).to_owned(), (*path).to_owned())).collect();
    listed.sort();
    assert_eq!(public, listed);
}
