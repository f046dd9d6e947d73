//! Legal forms: the words at the end (or, for some, the beginning) of a firm's name that say what kind of firm it is.
//!
//! Facts, written down from the abbreviations of the Entity Legal Forms code list (ISO 20275, kept by GLEIF). Spelled
//! as `words` leaves them: lower case, no accents, dots taken out. Those written without a blank are in
//! `attached_form`.

/// Forms that follow a name.
const AFTER: &[&[&str]] = &[
    // Several countries.
    &["sa"],
    &["ag"],
    &["as"],
    &["ab"],
    &["nv"],
    &["bv"],
    &["co"],
    &["corp"],
    &["corporation"],
    &["inc"],
    &["incorporated"],
    &["limited"],
    &["ltd"],
    &["llc"],
    &["llp"],
    &["lp"],
    &["plc"],
    &["pllc"],
    &["pc"],
    &["ulc"],
    &["se"],
    &["gie"],
    &["eeig"],
    &["scs"],
    &["snc"],
    // German.
    &["gmbh"],
    &["ggmbh"],
    &["mbh"],
    &["kg"],
    &["kgaa"],
    &["ohg"],
    &["gbr"],
    &["ug"],
    &["eg"],
    &["ev"],
    &["ek"],
    &["aktiengesellschaft"],
    &["gesmbh"],
    // Romance.
    &["sarl"],
    &["sas"],
    &["sasu"],
    &["eurl"],
    &["sca"],
    &["sl"],
    &["slu"],
    &["srl"],
    &["spa"],
    &["sapa"],
    &["lda"],
    &["ltda"],
    &["sprl"],
    &["scrl"],
    &["sa", "de", "cv"],
    &["s", "de", "rl"],
    &["sde", "rl"],
    &["de", "cv"],
    &["cv"],
    &["eireli"],
    &["saic"],
    &["sac"],
    &["eirl"],
    // Nordic and Baltic.
    &["oy"],
    &["oyj"],
    &["aps"],
    &["asa"],
    &["hb"],
    &["kb"],
    &["amba"],
    &["ehf"],
    &["hf"],
    &["uab"],
    &["sia"],
    &["ou"],
    // Slavic, Hungarian, Romanian, Turkish, Greek.
    &["sro"],
    &["doo"],
    &["ad"],
    &["ood"],
    &["eood"],
    &["dd"],
    &["spol", "sro"],
    &["sp", "zoo"],
    &["spolka", "zoo"],
    &["sp", "z", "oo"],
    &["spolka", "z", "oo"],
    &["kft"],
    &["rt"],
    &["zrt"],
    &["nyrt"],
    &["bt"],
    &["kkt"],
    &["ae"],
    &["epe"],
    &["ооо"],
    &["оао"],
    &["зао"],
    &["пао"],
    &["ао"],
    // Asia, the Pacific and Africa.
    &["pty"],
    &["pte"],
    &["pvt"],
    &["private", "limited"],
    &["bhd"],
    &["sdn"],
    &["berhad"],
    &["tbk"],
    &["kk"],
    &["gk"],
    &["yk"],
    &["kabushiki", "kaisha"],
    &["kabushiki", "gaisha"],
    &["yugen", "kaisha"],
    &["godo", "kaisha"],
    &["jsc"],
    &["ojsc"],
    &["pjsc"],
    &["fze"],
    &["fzco"],
    &["wll"],
];

/// Forms that come before a name.
const BEFORE: &[&str] = &[
    "oy", "ab", "pt", "ооо", "оао", "зао", "пао", "ао", "ooo", "oao", "zao", "pao", "uab",
];

/// Forms that may also be in the middle of a name (`Hello Oy World Ab`), because they are no words of a language used
/// there.
const WITHIN: &[&str] = &["oy", "oyj", "gmbh", "ltd", "llc", "kgaa", "sarl", "plc"];

/// Returns the words without legal forms.
pub fn strip(words: Vec<String>) -> Vec<String> {
    let kept = kept(&words);
    words
        .into_iter()
        .zip(kept)
        .filter_map(|(word, kept)| kept.then_some(word))
        .collect()
}

/// Says of each word whether it belongs to the name rather than to a legal form. A name that is nothing but a legal form
/// keeps its first word.
pub fn kept(words: &[String]) -> Vec<bool> {
    let (mut start, mut end) = (0, words.len());
    while let Some(form) = AFTER
        .iter()
        .find(|form| end > form.len() && ends_with(&words[..end], form))
    {
        end -= form.len();
    }
    while end - start > 1 && BEFORE.contains(&words[start].as_str()) {
        start += 1;
    }
    let is_within = |i: usize| i > start && i + 1 < end && WITHIN.contains(&words[i].as_str());
    (0..words.len())
        .map(|i| (start..end).contains(&i) && !is_within(i))
        .collect()
}

fn ends_with(words: &[String], form: &[&str]) -> bool {
    words[words.len() - form.len()..]
        .iter()
        .zip(form)
        .all(|(word, part)| word == part)
}
