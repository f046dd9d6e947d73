//! Warnings about the slips in the filters of a stored record, which a new filter would be refused for.

use crate::count::int32;
use crate::descriptors;
use crate::filter::slips::{Slip, SlipKind, slips};
use crate::pb::FilterWarning;
use crate::pb::filter_warning::Type;
use crate::store::record::resource::Resource;

/// Returns the warnings about the filters of a record, which are on such a message.
pub fn of_filters<R: Resource>(record: &R, message: &str) -> Vec<FilterWarning> {
    let mut warnings = Vec::new();
    for (field, text) in record.filters() {
        let slips = slips(text, &descriptors::message(message));
        warnings.extend(slips.into_iter().map(|slip| of_slip(&field, slip)));
    }
    warnings
}

/// Returns the warning about a slip in the filter that a field holds.
pub fn of_slip(field: &str, slip: Slip) -> FilterWarning {
    let kind = match slip.kind {
        SlipKind::SearchedAsText => Type::SearchedAsText,
        SlipKind::AmbiguousNumber => Type::AmbiguousNumber,
        SlipKind::LiteralStar => Type::LiteralStar,
        SlipKind::ImpossibleValue => Type::ImpossibleValue,
    };
    FilterWarning {
        r#type: kind.into(),
        field: field.to_owned(),
        restriction: slip.part,
        offset: int32(slip.problem.offset),
        description: slip.problem.message,
    }
}
