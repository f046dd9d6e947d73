//! Lines with two numbers: a plan put a digit in or took one out, and people go on writing both.

/// The digits of a Mexican and of an Argentine number, and those of a Brazilian one behind its area.
const OF_MEXICO: usize = 10;
const OF_ARGENTINA: usize = 10;
const IN_AREA_OF_BRAZIL: usize = 8;
/// The first digits of a mobile phone in Brazil, before a nine was put before them.
const MOBILE_IN_BRAZIL: [char; 4] = ['6', '7', '8', '9'];

/// Returns how else the number of the same line is written, both in E.164; `None` if it has one number.
pub fn same_line(e164: &str) -> Option<String> {
    let mexico = || or_without(e164.strip_prefix("+52")?, '1', OF_MEXICO);
    let argentina = || or_without(e164.strip_prefix("+54")?, '9', OF_ARGENTINA);
    let other = mexico().map(|number| format!("+52{number}"));
    let other = other.or_else(|| argentina().map(|number| format!("+54{number}")));
    other.or_else(|| brazil(e164.strip_prefix("+55")?))
}

/// Takes a digit off the beginning of a number, or puts it there.
fn or_without(national: &str, digit: char, n_digits: usize) -> Option<String> {
    if national.len() == n_digits {
        return Some(format!("{digit}{national}"));
    }
    let rest = national.strip_prefix(digit)?;
    (rest.len() == n_digits).then(|| rest.to_owned())
}

fn brazil(national: &str) -> Option<String> {
    let (area, number) = national.split_at_checked(2)?;
    let number = or_without(number, '9', IN_AREA_OF_BRAZIL)?;
    let mobile = number
        .strip_prefix('9')
        .filter(|rest| rest.len() == IN_AREA_OF_BRAZIL);
    let mobile = mobile.unwrap_or(&number);
    mobile
        .starts_with(MOBILE_IN_BRAZIL)
        .then(|| format!("+55{area}{number}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_with_two_numbers_has_each_for_the_other() {
        for (one, other) in [
            ("+525512340002", "+5215512340002"),
            ("+541123450002", "+5491123450002"),
            ("+551187650002", "+5511987650002"),
        ] {
            assert_eq!(same_line(one).as_deref(), Some(other));
            assert_eq!(same_line(other).as_deref(), Some(one));
        }
        for one in [
            "+551132340002",
            "+5511932340002",
            "+4915155501772",
            "+52551234",
            "+55",
            "",
        ] {
            assert_eq!(same_line(one), None, "{one}");
        }
    }
}
