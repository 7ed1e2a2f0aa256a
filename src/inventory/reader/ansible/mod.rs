//! Ansible inventories: each format is read into a [`model`], which `build` turns into a fleet.

mod build;
mod host_pattern;
mod ini;
mod inventory;
mod list;
mod literal;
mod model;
mod vars_files;
mod words;
mod yaml;

pub(crate) use inventory::{read_directory, read_document, read_file};
pub(crate) use literal::whole_number;
