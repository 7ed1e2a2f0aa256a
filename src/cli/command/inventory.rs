use std::path::PathBuf;

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::options::Format;
use crate::cli::output::Output;
use crate::cli::problems;
use crate::inventory::ReadOptions;
use crate::report;
use crate::session::load_inventory;
use crate::world::RealWorld;

/// Show what is read from an inventory: its fields, their types and values, and what is missing
#[derive(Debug, Args)]
pub struct InventoryArguments {
    /// A file (CSV, JSON, Ansible INI or YAML) or a folder
    #[arg(value_name = "PATH")]
    path: PathBuf,
    /// Take our field from the file's column: `--map 'name=Host Name'`
    #[arg(long, value_name = "FIELD=COLUMN", value_parser = mapping)]
    map: Vec<(String, String)>,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub fn run(arguments: &InventoryArguments, output: &Output) -> Exit {
    let options = ReadOptions { mapping: arguments.map.iter().cloned().collect() };
    let loaded = load_inventory(&RealWorld, &arguments.path, &options);
    match loaded.fleet {
        Ok(fleet) => {
            match arguments.format {
                Format::Text => output.result(&report::inventory_text(&fleet, output.width())),
                Format::Json => output.stream(|out| report::inventory_json(&fleet, out)),
            }
            Exit::Fine
        }
        Err(faults) => {
            problems::inventory_faults(&faults, output);
            Exit::Problems
        }
    }
}

fn mapping(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((field, column)) if !field.is_empty() && !column.is_empty() => Ok((field.to_owned(), column.to_owned())),
        _ => Err("write FIELD=COLUMN, such as `name=Host Name`".to_owned()),
    }
}
