//! CompareSegments and DescribeSegment: what they may be asked, and the message of their answer.
//!
//! What is counted is read by `store::comparison`; what the counts say is worked out in `statistics`.

use prost::Message as _;
use tonic::Request;

use crate::clock;
use crate::count::int32;
use crate::descriptors;
use crate::effect_size::summary::Summary;
use crate::effect_size::tally::{Distribution, FieldComparison};
use crate::effect_size::{GroupCounts, histogram, traits};
use crate::error::Error;
use crate::filter::fields::{KeyedField, keyed_field};
use crate::filter::tree::FieldKind;
use crate::name::{Kind, Name};
use crate::nearest::nearest;
use crate::pb::segment_comparison::field::{Measure, State};
use crate::pb::segment_comparison::{
    Bucket, Category, Field, Group, Numbers, OtherCategories, SharedTrait,
};
use crate::pb::{self, SegmentComparison};
use crate::service::check::Checker;
use crate::service::standard::{check_answer_size, check_name};
use crate::service::{Answer, Call, answer, begin_call};
use crate::store::engine::db::{At, Db};
use crate::store::read::comparison::{self, ComparedGroups, field};

/// The most fields that a request names.
const MAX_FIELDS: usize = 20;

/// Answers CompareSegments.
pub(crate) async fn compare_segments(
    db: &Db,
    request: Request<pb::CompareSegmentsRequest>,
) -> Answer<SegmentComparison> {
    let (call, message) = begin_call(db, request).await?;
    let mut checker = Checker::new("");
    let mut side = |field, name: &str| check_side(&mut checker, field, name);
    let sides = side("a", &message.a).zip(side("b", &message.b));
    let is_same = !message.a.is_empty() && message.a == message.b;
    checker.ensure(
        !is_same,
        "b",
        "is the same segment as a: nothing tells a segment from itself",
    );
    let fields = fields(&mut checker, &message.fields);
    let (a, b) = checker.finish_with(sides)?;
    Ok(answer(
        compared(db, &call, [("a", a), ("b", b)].into(), fields).await?,
    ))
}

/// Reads a side of a comparison.
fn check_side(checker: &mut Checker, field: &str, name: &str) -> Option<Name> {
    match Name::parse_any(name) {
        Some(other) if other.kind() != Kind::Segment => {
            checker.wrong(field, "only segments can be compared");
            None
        }
        _ => check_name::<pb::Segment>(checker, field, name),
    }
}

/// Answers DescribeSegment.
pub(crate) async fn describe_segment(
    db: &Db,
    request: Request<pb::DescribeSegmentRequest>,
) -> Answer<SegmentComparison> {
    let (call, message) = begin_call(db, request).await?;
    let mut checker = Checker::new("");
    let segment = check_name::<pb::Segment>(&mut checker, "segment", &message.segment);
    let fields = fields(&mut checker, &message.fields);
    let segment = checker.finish_with(segment)?;
    Ok(answer(
        compared(db, &call, [("segment", segment)].into(), fields).await?,
    ))
}

/// Returns the fields to compare: those that always are, and those asked for.
fn fields(checker: &mut Checker, asked: &[String]) -> Vec<field::ComparedField> {
    let mut fields = field::standard();
    if asked.len() > MAX_FIELDS {
        checker.wrong(
            "fields",
            format!("holds {} elements, at most {MAX_FIELDS} fit", asked.len()),
        );
        return fields;
    }
    let n_standard = fields.len();
    for (i, text) in asked.iter().enumerate() {
        let place = format!("fields[{i}]");
        if asked[..i].contains(text) {
            checker.wrong(&place, "is named twice");
        } else if !fields[..n_standard]
            .iter()
            .any(|standard| standard.name == *text)
        {
            match named(text) {
                Some(named) if fields.iter().any(|field| field.is_same(&named)) => {
                    checker.wrong(&place, "is named twice")
                }
                Some(named) => fields.push(named),
                None => checker.wrong(&place, advice(text, &fields[..n_standard])),
            }
        }
    }
    fields
}

/// Returns the label or attribute that a text names.
fn named(text: &str) -> Option<field::ComparedField> {
    let KeyedField { name, kind } =
        keyed_field(text, &descriptors::message("clientele.v1.Customer"))?;
    match kind {
        FieldKind::Label(key) => Some(field::label(name, key)),
        FieldKind::Attribute(keys) => Some(field::attribute(name, keys)),
        _ => None,
    }
}

/// Says which field was probably meant; what was written is not repeated.
fn advice(text: &str, standard: &[field::ComparedField]) -> String {
    const NOT_COMPARED: &str = "is no field in which segments are compared";
    let keyed = ["labels", "attributes"].map(str::to_owned);
    let names: Vec<String> = standard.iter().map(|field| field.name.clone()).collect();
    let (first, last) = (
        text.split('.').next().unwrap_or_default(),
        text.rsplit('.').next().unwrap_or_default(),
    );
    let nearest = match nearest(first, &keyed) {
        Some(keyed) => Some(format!("{keyed}.KEY")),
        None => nearest(last, &names).map(str::to_owned),
    };
    nearest.map_or_else(
        || format!("{NOT_COMPARED}: name a label or an attribute, such as `labels.KEY`"),
        |nearest| format!("{NOT_COMPARED}: did you mean `{nearest}`?"),
    )
}

/// Compares segments, each given with the field of the request that names it: two of them, or one with the base.
async fn compared(
    db: &Db,
    call: &Call,
    segments: Vec<(&'static str, Name)>,
    fields: Vec<field::ComparedField>,
) -> Result<At<SegmentComparison>, Error> {
    let now = db.clock().now();
    let names: Vec<Name> = segments.iter().map(|(_, name)| name.clone()).collect();
    let At {
        answer: groups,
        revision,
    } = comparison::compare(db, &call.scope, &names, fields, now).await?;
    let ComparedGroups {
        a_display_name,
        b_display_name,
        size,
        overlap,
        mut fields,
    } = groups;
    for ((field, name), size) in segments.into_iter().zip([size.a, size.b]) {
        if size == 0 {
            let error = Box::new(Error::SegmentEmpty(name));
            return Err(Error::At {
                field: field.to_owned(),
                error,
            });
        }
    }
    traits::rank(&mut fields);
    let shared_traits = traits::shared(&fields, size)
        .into_iter()
        .map(shared_trait)
        .collect();
    let group = |segment: Option<&Name>, display_name, size| Group {
        segment: segment.map(Name::to_string).unwrap_or_default(),
        segment_display_name: display_name,
        customer_count: int32(size),
    };
    let comparison = SegmentComparison {
        a: Some(group(names.first(), a_display_name, size.a)),
        b: Some(group(names.get(1), b_display_name, size.b)),
        overlap_count: int32(overlap),
        fields: fields
            .into_iter()
            .map(|(name, compared)| field_message(name, compared))
            .collect(),
        shared_traits,
        revision,
        evaluate_time: Some(clock::timestamp(now)),
    };
    check_answer_size(comparison.encoded_len())?;
    Ok(At {
        answer: comparison,
        revision,
    })
}

fn shared_trait(shared: traits::SharedTrait) -> SharedTrait {
    let traits::SharedTrait {
        field,
        value,
        count,
    } = shared;
    SharedTrait {
        field,
        value,
        a_count: int32(count.a),
        b_count: int32(count.b),
    }
}

fn field_message(field: String, compared: FieldComparison) -> Field {
    let FieldComparison {
        set,
        effect,
        distribution,
    } = compared;
    let state = match (&distribution, effect) {
        (Distribution::TooMany, _) => State::TooManyValues,
        (_, None) => State::NotEnough,
        (_, Some(_)) => State::Compared,
    };
    let measure = match &distribution {
        _ if effect.is_none() => Measure::Unspecified,
        Distribution::Numbers { .. } => Measure::CliffsDelta,
        Distribution::Categories(_) | Distribution::TooMany => Measure::CramersV,
    };
    let mut message = Field {
        field,
        state: state.into(),
        measure: measure.into(),
        effect: effect.unwrap_or_default(),
        a_set_count: int32(set.a),
        b_set_count: int32(set.b),
        ..Field::default()
    };
    match distribution {
        Distribution::TooMany => {}
        Distribution::Categories(mut categories) => {
            let others = traits::split_listed(&mut categories, set);
            message.categories = categories.into_iter().map(category).collect();
            message.other_categories = (!others.is_empty()).then(|| other_categories(&others));
        }
        Distribution::Numbers { a, b, buckets } => {
            (message.a_numbers, message.b_numbers) = (a.map(numbers), b.map(numbers));
            message.buckets = buckets.into_iter().map(bucket).collect();
        }
    }
    message
}

fn category((value, count): (String, GroupCounts)) -> Category {
    Category {
        value,
        a_count: int32(count.a),
        b_count: int32(count.b),
    }
}

fn other_categories(others: &[(String, GroupCounts)]) -> OtherCategories {
    let count = others
        .iter()
        .fold(GroupCounts::default(), |sum, (_, count)| sum.plus(*count));
    let value_count = int32(others.len());
    OtherCategories {
        value_count,
        a_count: int32(count.a),
        b_count: int32(count.b),
    }
}

fn numbers(summary: Summary) -> Numbers {
    let Summary {
        min,
        lower_quartile,
        median,
        upper_quartile,
        max,
        mean,
    } = summary;
    Numbers {
        min,
        lower_quartile,
        median,
        upper_quartile,
        max,
        mean,
    }
}

fn bucket(bucket: histogram::Bucket) -> Bucket {
    let histogram::Bucket { start, end, count } = bucket;
    Bucket {
        start,
        end,
        a_count: int32(count.a),
        b_count: int32(count.b),
    }
}
