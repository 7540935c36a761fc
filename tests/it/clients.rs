//! Clients that strangers generate from the document: whether it is one to generate from.

mod document;
