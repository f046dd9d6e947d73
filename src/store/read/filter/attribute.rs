//! Attributes: what JSON that callers made up holds, and of which type.

use crate::error::Error;
use crate::filter::tree::{Condition, Operand};
use crate::store::read::filter::at_once::{self, HELD, once};
use crate::store::read::filter::{atom, chained};
use crate::store::sql::json_functions::{self, Json, Scalar};
use crate::store::sql::statement::{Part, part};

/// Returns the condition that an attribute meets a condition, given where it and its folded shadow are.
pub fn meets(json: &Json, folded: &Json, condition: &Condition) -> Result<Part, Error> {
    Ok(match condition {
        Condition::Present => json.is_set(),
        Condition::Is(..) | Condition::Like(..) => {
            let scalar = type_of(condition)?.ok_or_else(atom::unexpected)?;
            scalar_meets(&json.scalar(scalar), condition)?
        }
        Condition::ContainsFolded(part) => part!(
            ":{holds} and :{text} is not null",
            holds = json_functions::holds(folded.scalar(Scalar::Text), part),
            text = json.scalar(Scalar::Text),
        ),
        Condition::Has(_) => some_element(json, &[condition])?,
        Condition::HasKey(_) => return Err(atom::unexpected()),
    })
}

/// Returns the condition that an attribute meets one of several conditions that look at the same aspect of it; `None` if
/// they ask for different types.
pub fn meets_one_of(
    json: &Json,
    folded: &Json,
    conditions: &[&Condition],
) -> Result<Option<Part>, Error> {
    match conditions {
        [Condition::ContainsFolded(_), ..] => {
            let text = part!(
                "case when :{text} is not null then :{folded} end",
                text = json.scalar(Scalar::Text),
                folded = folded.scalar(Scalar::Text),
            );
            at_once::searched(text, conditions)
        }
        [Condition::Has(_), ..] => some_element(json, conditions).map(Some),
        [first, ..] => {
            let Some(scalar) = type_of(first)? else {
                return Ok(None);
            };
            for other in conditions {
                if type_of(other)? != Some(scalar) {
                    return Ok(None);
                }
            }
            let held = Part::text(HELD);
            let meets = |condition: &&Condition| scalar_meets(&held, condition);
            let meets = conditions.iter().map(meets).collect::<Result<_, _>>()?;
            Ok(Some(once(json.scalar(scalar), meets)))
        }
        [] => Ok(None),
    }
}

/// Returns which type of scalar a condition is about; `None` if any.
fn type_of(condition: &Condition) -> Result<Option<Scalar>, Error> {
    Ok(match condition {
        Condition::Is(_, operand) => Some(scalar_operand(operand)?.0),
        Condition::Like(..) => Some(Scalar::Text),
        _ => None,
    })
}

fn scalar_meets(value: &Part, condition: &Condition) -> Result<Part, Error> {
    match condition {
        Condition::Is(comparison, operand) => Ok(part!(
            ":{value} :{symbol} :{operand}",
            value,
            symbol = atom::symbol(*comparison),
            operand = scalar_operand(operand)?.1,
        )),
        Condition::Like(pattern, wanted) => Ok(atom::like(value, pattern, *wanted)),
        _ => Err(atom::unexpected()),
    }
}

/// Returns the condition that one of the elements, if it is a list, is one of these.
fn some_element(json: &Json, conditions: &[&Condition]) -> Result<Part, Error> {
    let matches = |condition: &&Condition| {
        let Condition::Has(operand) = condition else {
            return Err(atom::unexpected());
        };
        let (scalar, operand) = scalar_operand(operand)?;
        let element = json_functions::element("one", scalar);
        Ok(part!(":{element} = :{operand}", element, operand))
    };
    let matches = conditions.iter().map(matches).collect::<Result<_, _>>()?;
    Ok(json_functions::exists(
        json.elements("one"),
        chained(" or ", matches),
    ))
}

/// Returns which kind of scalar an attribute must be, and the value it is compared with.
fn scalar_operand(operand: &Operand) -> Result<(Scalar, Part), Error> {
    match operand {
        Operand::Text(text) => Ok((Scalar::Text, Part::value(text))),
        Operand::Double(number) => Ok((Scalar::Number, json_functions::number(*number))),
        Operand::Bool(flag) => Ok((Scalar::Bool, Part::value(*flag))),
        _ => Err(atom::unexpected()),
    }
}
