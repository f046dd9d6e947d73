//! What a row changes in a stored record: what it overwrites, what it only fills, and what it leaves alone.
//!
//! Nothing is ever cleared. Pure: `upsert.rs` reads and writes the record.

use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, ReflectMessage, Value};
use prost_types::FieldMask;

use crate::cli::import::draft::{Assignment, Draft, DraftPart, ExternalId};
use crate::cli::import::mapping::target::ListElement;
use crate::mask;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MergeMode {
    /// The row overwrites what is stored; for the first row of a key.
    Sync,
    /// What is stored stays, the row fills and adds; for later rows of the same key.
    Add,
}

/// Returns the record with the row merged in. Values that a person has pinned (`locked_paths`) stay as they are.
pub(crate) fn merged(stored: &DynamicMessage, draft: &Draft, mode: MergeMode) -> DynamicMessage {
    let mut record = stored.clone();
    let mut taken: Vec<ListElement> = Vec::new();
    for part in &draft.parts {
        match part {
            DraftPart::Field(assignment) => assignment.put(mode == MergeMode::Sync, &mut record),
            DraftPart::Element(element, assignments) => {
                put_element(&mut record, element, assignments, mode, &mut taken)
            }
        }
    }
    restore_locked(stored, &mut record);
    for id in &draft.ids {
        add_external_id(&mut record, id);
    }
    record
}

fn restore_locked(stored: &DynamicMessage, record: &mut DynamicMessage) {
    let locked = stored.get_field_by_name("locked_paths");
    let paths = locked
        .iter()
        .flat_map(|paths| paths.as_list().unwrap_or_default())
        .filter_map(|path| path.as_str().map(str::to_owned))
        .collect();
    let locked = mask::parse(Some(&FieldMask { paths }), &record.descriptor());
    if let Ok(locked @ mask::Mask::Paths(_)) = locked {
        locked.update(stored, record);
    }
}

/// Returns the top-level fields in which two states of a record differ.
pub(crate) fn differences(before: &DynamicMessage, after: &DynamicMessage) -> Vec<String> {
    let message = before.descriptor();
    let differs = |field: &FieldDescriptor| before.get_field(field) != after.get_field(field);
    message
        .fields()
        .filter(differs)
        .map(|field| field.name().to_owned())
        .collect()
}

fn add_external_id(record: &mut DynamicMessage, (system, id): &ExternalId) {
    let Some(field) = record.descriptor().get_field_by_name("external_ids") else {
        return;
    };
    let Kind::Message(message) = field.kind() else {
        return;
    };
    let mut external_id = DynamicMessage::new(message);
    external_id.set_field_by_name("system", Value::String(system.clone()));
    external_id.set_field_by_name("id", Value::String(id.clone()));
    let Some(ids) = record.get_field_mut(&field).as_list_mut() else {
        return;
    };
    let external_id = Value::Message(external_id);
    if !ids.contains(&external_id) {
        ids.push(external_id);
    }
}

/// Puts values into the list element that they are about, or into a new one.
fn put_element(
    record: &mut DynamicMessage,
    element: &ListElement,
    assignments: &[Assignment],
    mode: MergeMode,
    taken: &mut Vec<ListElement>,
) {
    let (field, index) = element;
    let Kind::Message(message) = field.kind() else {
        return;
    };
    let Some(list) = record.get_field_mut(field).as_list_mut() else {
        return;
    };
    let free: Vec<(usize, &DynamicMessage)> = list
        .iter()
        .enumerate()
        .filter(|(i, _)| !taken.contains(&(field.clone(), *i)))
        .filter_map(|(i, element)| Some((i, element.as_message()?)))
        .collect();
    let found = find_element(&free, *index, assignments, mode);
    let at = found.unwrap_or_else(|| {
        list.push(Value::Message(DynamicMessage::new(message)));
        list.len() - 1
    });
    if let Some(Value::Message(message)) = list.get_mut(at) {
        *message = filled(message.clone(), assignments, mode);
    }
    taken.push((field.clone(), at));
}

/// Finds the element that the values are about, among those that no other values of the row have taken.
///
/// Elements have no key. The first of these is the one: an element with all values of the row and all constants; one with
/// all values of the row; one with all constants, such as `type = WORK` (if the mapping has none, the one at the same
/// index). So a number that changed in the file replaces the old one, and what people added stays. Instead of the last
/// choice, a later row of a key takes an element that it only has to fill.
fn find_element(
    free: &[(usize, &DynamicMessage)],
    index: usize,
    assignments: &[Assignment],
    mode: MergeMode,
) -> Option<usize> {
    let find = |fits: &dyn Fn(&DynamicMessage) -> bool| {
        free.iter()
            .find(|(_, message)| fits(message))
            .map(|(i, _)| *i)
    };
    let (cells, constants): (Vec<&Assignment>, Vec<&Assignment>) = assignments
        .iter()
        .partition(|assignment| assignment.from_cell);
    let has_all = |assignments: &[&Assignment], message: &DynamicMessage| {
        assignments
            .iter()
            .all(|assignment| assignment.is_in(message))
    };
    let has_cells = |message: &DynamicMessage| has_all(&cells, message);
    let has_constants = |message: &DynamicMessage| has_all(&constants, message);
    let same =
        find(&|message| has_cells(message) && has_constants(message)).or_else(|| find(&has_cells));
    same.or_else(|| match mode {
        MergeMode::Sync if constants.is_empty() => {
            free.iter().map(|(i, _)| *i).find(|i| *i == index)
        }
        MergeMode::Sync => find(&has_constants),
        MergeMode::Add => find(&|message| {
            let filled = filled(message.clone(), assignments, MergeMode::Add);
            has_cells(&filled) && has_constants(&filled)
        }),
    })
}

fn filled(
    mut message: DynamicMessage,
    assignments: &[Assignment],
    mode: MergeMode,
) -> DynamicMessage {
    for assignment in assignments {
        assignment.put(mode == MergeMode::Sync, &mut message);
    }
    message
}
