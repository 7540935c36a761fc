//! From environment to a serving process: configuration, boot, serve, and the operator's subcommands.

pub mod boot;
pub mod cli;
pub mod config;
pub mod database;
pub mod dns;
pub mod domains;
mod listen;
pub mod tenant;
mod unread;
