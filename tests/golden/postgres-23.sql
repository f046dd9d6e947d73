CREATE TABLE public._sqlx_migrations (
    version bigint NOT NULL,
    description text NOT NULL,
    installed_on timestamp with time zone DEFAULT now() NOT NULL,
    success boolean NOT NULL,
    checksum bytea NOT NULL,
    execution_time bigint NOT NULL
);
CREATE TABLE public.affiliations (
    tenant_id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    etag text NOT NULL COLLATE pg_catalog."C",
    create_time bigint NOT NULL,
    update_time bigint NOT NULL,
    delete_time bigint,
    labels text NOT NULL COLLATE pg_catalog."C",
    tags text NOT NULL COLLATE pg_catalog."C",
    attributes text NOT NULL COLLATE pg_catalog."C",
    external_ids text NOT NULL COLLATE pg_catalog."C",
    deleted_with text NOT NULL COLLATE pg_catalog."C",
    contact text NOT NULL COLLATE pg_catalog."C",
    customer text NOT NULL COLLATE pg_catalog."C",
    job_title text NOT NULL COLLATE pg_catalog."C",
    department text NOT NULL COLLATE pg_catalog."C",
    seniority text NOT NULL COLLATE pg_catalog."C",
    manager text NOT NULL COLLATE pg_catalog."C",
    "primary" boolean NOT NULL,
    start_date text NOT NULL COLLATE pg_catalog."C",
    end_date text NOT NULL COLLATE pg_catalog."C",
    buying_roles text NOT NULL COLLATE pg_catalog."C",
    folded text DEFAULT '{}'::text NOT NULL COLLATE pg_catalog."C",
    job_title_order text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    department_order text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.buying_roles (
    tenant_id text NOT NULL COLLATE pg_catalog."C",
    claim_id text NOT NULL COLLATE pg_catalog."C",
    affiliation text NOT NULL COLLATE pg_catalog."C",
    role text NOT NULL COLLATE pg_catalog."C",
    scope text NOT NULL COLLATE pg_catalog."C",
    evidence text NOT NULL COLLATE pg_catalog."C",
    claimant text NOT NULL COLLATE pg_catalog."C",
    system text NOT NULL COLLATE pg_catalog."C",
    start_date text NOT NULL COLLATE pg_catalog."C",
    end_date text NOT NULL COLLATE pg_catalog."C",
    verify_time bigint,
    source text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.changes (
    tenant_id text NOT NULL COLLATE pg_catalog."C",
    revision bigint NOT NULL,
    "position" bigint NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    action text NOT NULL COLLATE pg_catalog."C",
    changed_paths text NOT NULL COLLATE pg_catalog."C",
    customers text NOT NULL COLLATE pg_catalog."C",
    actor text NOT NULL COLLATE pg_catalog."C",
    origin text NOT NULL COLLATE pg_catalog."C",
    request_id text NOT NULL COLLATE pg_catalog."C",
    commit_time bigint NOT NULL,
    derived boolean NOT NULL
);
CREATE TABLE public.colleagues (
    tenant_id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    etag text NOT NULL COLLATE pg_catalog."C",
    create_time bigint NOT NULL,
    update_time bigint NOT NULL,
    delete_time bigint,
    labels text NOT NULL COLLATE pg_catalog."C",
    tags text NOT NULL COLLATE pg_catalog."C",
    attributes text NOT NULL COLLATE pg_catalog."C",
    external_ids text NOT NULL COLLATE pg_catalog."C",
    deleted_with text NOT NULL COLLATE pg_catalog."C",
    display_name text NOT NULL COLLATE pg_catalog."C",
    emails text NOT NULL COLLATE pg_catalog."C",
    principal text NOT NULL COLLATE pg_catalog."C",
    active boolean NOT NULL,
    folded text DEFAULT '{}'::text NOT NULL COLLATE pg_catalog."C",
    display_name_order text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.contact_conversations (
    tenant_id text NOT NULL COLLATE pg_catalog."C",
    contact text NOT NULL COLLATE pg_catalog."C",
    start_time bigint NOT NULL,
    conversation text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.contacts (
    tenant_id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    etag text NOT NULL COLLATE pg_catalog."C",
    create_time bigint NOT NULL,
    update_time bigint NOT NULL,
    delete_time bigint,
    labels text NOT NULL COLLATE pg_catalog."C",
    tags text NOT NULL COLLATE pg_catalog."C",
    attributes text NOT NULL COLLATE pg_catalog."C",
    external_ids text NOT NULL COLLATE pg_catalog."C",
    deleted_with text NOT NULL COLLATE pg_catalog."C",
    display_name text NOT NULL COLLATE pg_catalog."C",
    given_name text NOT NULL COLLATE pg_catalog."C",
    family_name text NOT NULL COLLATE pg_catalog."C",
    gender text NOT NULL COLLATE pg_catalog."C",
    birth_year bigint,
    occupation text NOT NULL COLLATE pg_catalog."C",
    education_level text NOT NULL COLLATE pg_catalog."C",
    emails text NOT NULL COLLATE pg_catalog."C",
    phone_numbers text NOT NULL COLLATE pg_catalog."C",
    addresses text NOT NULL COLLATE pg_catalog."C",
    uris text NOT NULL COLLATE pg_catalog."C",
    preferred_channels text NOT NULL COLLATE pg_catalog."C",
    language_code text NOT NULL COLLATE pg_catalog."C",
    time_zone text NOT NULL COLLATE pg_catalog."C",
    about text NOT NULL COLLATE pg_catalog."C",
    likes text NOT NULL COLLATE pg_catalog."C",
    dislikes text NOT NULL COLLATE pg_catalog."C",
    contact_permissions text NOT NULL COLLATE pg_catalog."C",
    locked_paths text NOT NULL COLLATE pg_catalog."C",
    owner text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    last_conversation text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    last_conversation_start_time bigint,
    folded text DEFAULT '{}'::text NOT NULL COLLATE pg_catalog."C",
    display_name_order text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    family_name_order text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    given_name_order text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.conversations (
    tenant_id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    etag text NOT NULL COLLATE pg_catalog."C",
    create_time bigint NOT NULL,
    update_time bigint NOT NULL,
    delete_time bigint,
    labels text NOT NULL COLLATE pg_catalog."C",
    tags text NOT NULL COLLATE pg_catalog."C",
    attributes text NOT NULL COLLATE pg_catalog."C",
    external_ids text NOT NULL COLLATE pg_catalog."C",
    deleted_with text NOT NULL COLLATE pg_catalog."C",
    customer text NOT NULL COLLATE pg_catalog."C",
    contacts text NOT NULL COLLATE pg_catalog."C",
    colleagues text NOT NULL COLLATE pg_catalog."C",
    channel text NOT NULL COLLATE pg_catalog."C",
    direction text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    broadcast boolean NOT NULL,
    start_time bigint NOT NULL,
    duration bigint,
    subject text NOT NULL COLLATE pg_catalog."C",
    summary text NOT NULL COLLATE pg_catalog."C",
    body text NOT NULL COLLATE pg_catalog."C",
    topics text NOT NULL COLLATE pg_catalog."C",
    intent text NOT NULL COLLATE pg_catalog."C",
    visibility text NOT NULL COLLATE pg_catalog."C",
    author text NOT NULL COLLATE pg_catalog."C",
    folded text DEFAULT '{}'::text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.customer_channels (
    tenant_id text NOT NULL COLLATE pg_catalog."C",
    customer text NOT NULL COLLATE pg_catalog."C",
    channel text NOT NULL COLLATE pg_catalog."C",
    conversation_count bigint NOT NULL,
    first_conversation_time bigint,
    last_conversation_time bigint
);
CREATE TABLE public.customers (
    tenant_id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    etag text NOT NULL COLLATE pg_catalog."C",
    create_time bigint NOT NULL,
    update_time bigint NOT NULL,
    delete_time bigint,
    labels text NOT NULL COLLATE pg_catalog."C",
    tags text NOT NULL COLLATE pg_catalog."C",
    attributes text NOT NULL COLLATE pg_catalog."C",
    external_ids text NOT NULL COLLATE pg_catalog."C",
    deleted_with text NOT NULL COLLATE pg_catalog."C",
    display_name text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    audience text NOT NULL COLLATE pg_catalog."C",
    lifecycle text NOT NULL COLLATE pg_catalog."C",
    business_legal_name text NOT NULL COLLATE pg_catalog."C",
    business_domains text NOT NULL COLLATE pg_catalog."C",
    business_industry_code text NOT NULL COLLATE pg_catalog."C",
    business_industry text NOT NULL COLLATE pg_catalog."C",
    business_sub_industry text NOT NULL COLLATE pg_catalog."C",
    business_employee_count bigint,
    business_founded_year bigint,
    business_annual_revenue_currency_code text NOT NULL COLLATE pg_catalog."C",
    business_annual_revenue_units bigint NOT NULL,
    business_annual_revenue_nanos bigint NOT NULL,
    individual_given_name text NOT NULL COLLATE pg_catalog."C",
    individual_family_name text NOT NULL COLLATE pg_catalog."C",
    individual_birth_year bigint,
    individual_gender text NOT NULL COLLATE pg_catalog."C",
    individual_occupation text NOT NULL COLLATE pg_catalog."C",
    individual_education_level text NOT NULL COLLATE pg_catalog."C",
    addresses text NOT NULL COLLATE pg_catalog."C",
    emails text NOT NULL COLLATE pg_catalog."C",
    phone_numbers text NOT NULL COLLATE pg_catalog."C",
    uris text NOT NULL COLLATE pg_catalog."C",
    about text NOT NULL COLLATE pg_catalog."C",
    engagement_visit_count bigint,
    engagement_first_visit_time bigint,
    engagement_last_visit_time bigint,
    engagement_intent text NOT NULL COLLATE pg_catalog."C",
    engagement_preferred_channels text NOT NULL COLLATE pg_catalog."C",
    needs text NOT NULL COLLATE pg_catalog."C",
    customer_since_time bigint,
    annual_spend_currency_code text NOT NULL COLLATE pg_catalog."C",
    annual_spend_units bigint NOT NULL,
    annual_spend_nanos bigint NOT NULL,
    parent text NOT NULL COLLATE pg_catalog."C",
    upstream_customers text NOT NULL COLLATE pg_catalog."C",
    contact_permissions text NOT NULL COLLATE pg_catalog."C",
    follow_up_interval bigint,
    locked_paths text NOT NULL COLLATE pg_catalog."C",
    size text NOT NULL COLLATE pg_catalog."C",
    owner text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    last_conversation text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    last_conversation_start_time bigint,
    follow_up_due_time bigint GENERATED ALWAYS AS ((COALESCE(last_conversation_start_time, create_time) + follow_up_interval)) STORED,
    folded text DEFAULT '{}'::text NOT NULL COLLATE pg_catalog."C",
    display_name_order text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    conversation_count bigint DEFAULT 0 NOT NULL,
    first_conversation_time bigint
);
CREATE TABLE public.filing (
    version bigint NOT NULL
);
CREATE TABLE public.filing_progress (
    tenant_id text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    version bigint NOT NULL,
    after text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.history (
    tenant_id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    revision bigint NOT NULL,
    body bytea NOT NULL
);
CREATE TABLE public.keys (
    tenant_id text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    field text NOT NULL COLLATE pg_catalog."C",
    key text NOT NULL COLLATE pg_catalog."C",
    value text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.notes (
    tenant_id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    etag text NOT NULL COLLATE pg_catalog."C",
    create_time bigint NOT NULL,
    update_time bigint NOT NULL,
    delete_time bigint,
    labels text NOT NULL COLLATE pg_catalog."C",
    tags text NOT NULL COLLATE pg_catalog."C",
    attributes text NOT NULL COLLATE pg_catalog."C",
    external_ids text NOT NULL COLLATE pg_catalog."C",
    deleted_with text NOT NULL COLLATE pg_catalog."C",
    records text NOT NULL COLLATE pg_catalog."C",
    body text NOT NULL COLLATE pg_catalog."C",
    highlighted boolean NOT NULL,
    write_time bigint NOT NULL,
    author text NOT NULL COLLATE pg_catalog."C",
    attachments text NOT NULL COLLATE pg_catalog."C",
    visibility text NOT NULL COLLATE pg_catalog."C",
    folded text DEFAULT '{}'::text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.personas (
    tenant_id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    etag text NOT NULL COLLATE pg_catalog."C",
    create_time bigint NOT NULL,
    update_time bigint NOT NULL,
    delete_time bigint,
    labels text NOT NULL COLLATE pg_catalog."C",
    tags text NOT NULL COLLATE pg_catalog."C",
    attributes text NOT NULL COLLATE pg_catalog."C",
    external_ids text NOT NULL COLLATE pg_catalog."C",
    deleted_with text NOT NULL COLLATE pg_catalog."C",
    record_kind text NOT NULL COLLATE pg_catalog."C",
    display_name text NOT NULL COLLATE pg_catalog."C",
    headline text NOT NULL COLLATE pg_catalog."C",
    story text NOT NULL COLLATE pg_catalog."C",
    quote text NOT NULL COLLATE pg_catalog."C",
    picture_uri text NOT NULL COLLATE pg_catalog."C",
    target text NOT NULL COLLATE pg_catalog."C",
    demographics_min_age bigint,
    demographics_max_age bigint,
    demographics_genders text NOT NULL COLLATE pg_catalog."C",
    demographics_locations text NOT NULL COLLATE pg_catalog."C",
    demographics_occupations text NOT NULL COLLATE pg_catalog."C",
    demographics_education_levels text NOT NULL COLLATE pg_catalog."C",
    behaviors text NOT NULL COLLATE pg_catalog."C",
    motivations text NOT NULL COLLATE pg_catalog."C",
    emotions text NOT NULL COLLATE pg_catalog."C",
    goals text NOT NULL COLLATE pg_catalog."C",
    frustrations text NOT NULL COLLATE pg_catalog."C",
    preferred_channels text NOT NULL COLLATE pg_catalog."C",
    expectations text NOT NULL COLLATE pg_catalog."C",
    key_attributes text NOT NULL COLLATE pg_catalog."C",
    match_filter text NOT NULL COLLATE pg_catalog."C",
    statements text NOT NULL COLLATE pg_catalog."C",
    review_interval bigint,
    last_review_time bigint,
    folded text DEFAULT '{}'::text NOT NULL COLLATE pg_catalog."C",
    display_name_order text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.promises (
    tenant_id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    etag text NOT NULL COLLATE pg_catalog."C",
    create_time bigint NOT NULL,
    update_time bigint NOT NULL,
    delete_time bigint,
    labels text NOT NULL COLLATE pg_catalog."C",
    tags text NOT NULL COLLATE pg_catalog."C",
    attributes text NOT NULL COLLATE pg_catalog."C",
    external_ids text NOT NULL COLLATE pg_catalog."C",
    deleted_with text NOT NULL COLLATE pg_catalog."C",
    customer text NOT NULL COLLATE pg_catalog."C",
    contacts text NOT NULL COLLATE pg_catalog."C",
    conversation text NOT NULL COLLATE pg_catalog."C",
    text text NOT NULL COLLATE pg_catalog."C",
    side text NOT NULL COLLATE pg_catalog."C",
    owner text NOT NULL COLLATE pg_catalog."C",
    due_time bigint NOT NULL,
    complete_time bigint,
    folded text DEFAULT '{}'::text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.requests (
    tenant_id text NOT NULL COLLATE pg_catalog."C",
    principal text NOT NULL COLLATE pg_catalog."C",
    method text NOT NULL COLLATE pg_catalog."C",
    request_id text NOT NULL COLLATE pg_catalog."C",
    hash text NOT NULL COLLATE pg_catalog."C",
    outcome text NOT NULL COLLATE pg_catalog."C",
    revision bigint NOT NULL,
    create_time bigint NOT NULL
);
CREATE TABLE public.secrets (
    name text NOT NULL COLLATE pg_catalog."C",
    value bytea NOT NULL
);
CREATE TABLE public.segments (
    tenant_id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    etag text NOT NULL COLLATE pg_catalog."C",
    create_time bigint NOT NULL,
    update_time bigint NOT NULL,
    delete_time bigint,
    labels text NOT NULL COLLATE pg_catalog."C",
    tags text NOT NULL COLLATE pg_catalog."C",
    attributes text NOT NULL COLLATE pg_catalog."C",
    external_ids text NOT NULL COLLATE pg_catalog."C",
    deleted_with text NOT NULL COLLATE pg_catalog."C",
    display_name text NOT NULL COLLATE pg_catalog."C",
    description text NOT NULL COLLATE pg_catalog."C",
    filter text NOT NULL COLLATE pg_catalog."C",
    members text NOT NULL COLLATE pg_catalog."C",
    folded text DEFAULT '{}'::text NOT NULL COLLATE pg_catalog."C",
    display_name_order text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.tenants (
    id text NOT NULL COLLATE pg_catalog."C",
    revision bigint DEFAULT 0 NOT NULL,
    region_code text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.word_keys (
    tenant_id text NOT NULL COLLATE pg_catalog."C",
    key text NOT NULL COLLATE pg_catalog."C",
    word text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.words (
    tenant_id text NOT NULL COLLATE pg_catalog."C",
    word text NOT NULL COLLATE pg_catalog."C",
    size bigint NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C"
);
INSERT INTO public._sqlx_migrations VALUES (1, '0001_foundation', '2026-11-30 12:40:53.877223+00', true, '\x11c7613bd7ca60e653565985502fac5bc7eb8ec08de154c1913b62a6696f512751ed234e3e06d63e8d655e6b9d7325c5', 11199266);
INSERT INTO public._sqlx_migrations VALUES (2, '0002_customers', '2026-11-30 12:40:53.888928+00', true, '\x3583d0b1babdb51749fb7f261960684cf698f132a0fe4b9fd95a076a4bbd419c2b3408a188cccc47aafd2fb4c4952a77', 2106272);
INSERT INTO public._sqlx_migrations VALUES (3, '0003_contacts', '2026-11-30 12:40:53.891211+00', true, '\x9d7f284d50ea7d2ae4573ed16cc5da8cf498f40b260b37000196a3c25c90109d28a072c3278f5ffa8f13d7cc75de2881', 2033828);
INSERT INTO public._sqlx_migrations VALUES (4, '0004_affiliations', '2026-11-30 12:40:53.896215+00', true, '\xdf052a3f1de591190d045ca99d0e3a79efb5623c5e8fdf28f4dc7fa77d6773b0d758bdaa4b826118e5bfb3a14e1b25bf', 5529908);
INSERT INTO public._sqlx_migrations VALUES (5, '0005_colleagues', '2026-11-30 12:40:53.89916+00', true, '\x0f59a4cbc0f85fa8072ab2d2bcb3d329ee54964cfa6f369da094d62346a9e0a733a2a1c70698c27e96fbb5c08d38cdd6', 1767273);
INSERT INTO public._sqlx_migrations VALUES (6, '0006_conversations', '2026-11-30 12:40:53.901091+00', true, '\xf3f7fbe8018a062689dac4059149422bf5a993b255785fdc4ade5c21bfbc5ee8f3a1825228676a1b5384523eee44fe8c', 3513764);
INSERT INTO public._sqlx_migrations VALUES (7, '0007_promises', '2026-11-30 12:40:53.904827+00', true, '\xc188558d4b9c2aab54eee3c8479289c02073431b73c529d8f608b079a8f4ae9a699ca268189e25b6632cae39343bc903', 1885537);
INSERT INTO public._sqlx_migrations VALUES (8, '0008_notes', '2026-11-30 12:40:53.906838+00', true, '\x2848e211a288b23a065e41821879f9df5f33ba6009698dc8360127644cdb9c8f24f9028ac2b90b94b47e2b073ea26a27', 5585429);
INSERT INTO public._sqlx_migrations VALUES (9, '0009_personas', '2026-11-30 12:40:53.912486+00', true, '\xe695fc1537e57449cdc00740e6629e3ade60f96110c62f973e91b55d5d131f4c050319ac17c992f50d66093896fb6d9e', 1617413);
INSERT INTO public._sqlx_migrations VALUES (10, '0010_segments', '2026-11-30 12:40:53.914181+00', true, '\x1828c9b62b7e2a0961715eaef430e4ce8207dc62bd2a9a2cca17344258246b511ac8fcc290767e2bc6c8fd587dbf22a9', 1203171);
INSERT INTO public._sqlx_migrations VALUES (11, '0011_relations', '2026-11-30 12:40:53.915442+00', true, '\xd5cb0646615bab742c240fa23f696a3c2071817ddcaa81575ef2be59ace9a4ad47b2f3d441e69a1365b124c25fa1b2ca', 3850634);
INSERT INTO public._sqlx_migrations VALUES (12, '0012_filters', '2026-11-30 12:40:53.919421+00', true, '\xfead1625868e1d0d96c3fb86a31d1208e678f52580cd59cdfb333152a6772046b0f4aedbffcd932fcf7aaca8b98aaf41', 2189444);
INSERT INTO public._sqlx_migrations VALUES (13, '0013_words', '2026-11-30 12:40:53.92168+00', true, '\x6cd7b8bff0e8668a4b5a94313a278b1498a2c2ce29629e2ae1e379dac1c183246f04cfde034416cfae1e8a3b8907bd47', 1501462);
INSERT INTO public._sqlx_migrations VALUES (14, '0014_open_matters', '2026-11-30 12:40:53.923246+00', true, '\x15518057b9646ad295eea9bc6e82eb9bf32c0d94e19cfebdd23a989e874dab5b606bb1cf39b382d9793ef6ac67d7501a', 724903);
INSERT INTO public._sqlx_migrations VALUES (15, '0015_people_of_customer', '2026-11-30 12:40:53.924024+00', true, '\x90752d6dc703e0862cbd36ece8a7d96678267b2d2526dd91f372a2c763c7024fb9e7f3b7caf4988d4c221cfe8a36245d', 418757);
INSERT INTO public._sqlx_migrations VALUES (16, '0016_filing', '2026-11-30 19:56:25.019715+00', true, '\x759e16fb415e46f82588251ac61e001a41896678b32cff56b70624c13da818f1c22a95344ced5fb8f23ff595b883a1c0', 3187750);
INSERT INTO public._sqlx_migrations VALUES (17, '0017_api_names', '2026-11-30 19:56:25.023284+00', true, '\x89b0fe28cce0a35d535971b3b4d7634aa5204b3c3e3cfdfa0d54f73ed70ed4af2066c100ca220d8dc51ac1d45b46d9a7', 1934047);
INSERT INTO public._sqlx_migrations VALUES (18, '0018_tenant_settings', '2026-11-30 19:56:25.025489+00', true, '\x176f05ec602d7be987db45d6c39e020327c24c04f40c84d77cc4aeb369d567704118a47d34bb73461509eaf9c3d0a6b1', 580748);
INSERT INTO public._sqlx_migrations VALUES (19, '0019_order', '2026-11-30 19:56:25.026315+00', true, '\xfca2e1020345ba94fc7b88d46c5134e3d1bc8e86a4b16f044e070c2f0960886d892506150b1e2f45e759589be278e096', 8860458);
INSERT INTO public._sqlx_migrations VALUES (20, '0020_promise_sides', '2026-11-30 19:56:25.03548+00', true, '\xf63ecdfdb64b813e049eaff1847af8765d9b3ca93fb5b0acd71cf7c5072a6edf3822277368dd074953eec12f9a24030e', 832430);
INSERT INTO public._sqlx_migrations VALUES (21, '0021_channel_use', '2026-11-30 19:56:25.036565+00', true, '\x020cd7a79ad06b18babc9c7846d8ce691dc0204a01a19c1e0e12af433ccdf62322d04546095c0c26a70d4b4bea7ae786', 5343113);
INSERT INTO public._sqlx_migrations VALUES (22, '0022_last_names', '2026-11-30 19:56:25.042204+00', true, '\xd07d944efdadbe55833e30ad560eb65d4756a7e9df2985d03150fa1ed5306618f28548b20b6f4dfbc61baa4cb79e35ec', 3092040);
INSERT INTO public._sqlx_migrations VALUES (23, '0023_contact_conversations', '2026-11-30 19:56:25.045536+00', true, '\x5d1c9d684191cdbcd4c7482a95ebe5048325b8face4e005d74068f610dcb3e3ec122e28007ba2595269102a7c3d3d18e', 3862391);
INSERT INTO public.affiliations VALUES ('default', 'affiliations/golden-anna-alpha', 'W/"bfec10e1246c254a"', 1796042477036007, 1796042477064068, NULL, '{}', '[]', '{}', '[]', '', 'contacts/golden-anna', 'customers/golden-alpha', 'Head of Buying', '', 'EXECUTIVE', '', true, '', '', '[{"claim_id":"01a22c79-4e07-7646-9ab0-57d19573a26c","end_date":{"day":1,"month":1,"year":2031},"evidence":"CONFIRMED","role":"DECISION_MAKER","scope":"\"valid_until\":","source":"conversations/golden-talk","start_date":{"day":1,"month":1,"year":2025},"verify_time":"2026-11-30T12:41:17.063758Z"}]', '{"buying_roles":[{"claim_id":"01a22c79-4e07-7646-9ab0-57d19573a26c","end_date":{},"scope":"\"valid_until\":","source":"conversations/golden-talk","start_date":{}}],"contact":"contacts/golden-anna","customer":"customers/golden-alpha","etag":"w/\"bfec10e1246c254a\"","job_title":"head of buying","name":"affiliations/golden-anna-alpha"}', 'head of buying', '');
INSERT INTO public.affiliations VALUES ('default', 'affiliations/golden-bert-alpha', 'W/"ad64e55cec06e81b"', 1796042477040216, 1796042477069863, NULL, '{}', '[]', '{}', '[]', '', 'contacts/golden-bert', 'customers/golden-alpha', 'valid_until "time":', '', 'SENIORITY_UNSPECIFIED', '', false, '2020-01-01', '', '[{"claim_id":"01a22c79-4e0d-763d-acca-51dd297dda98","evidence":"INFERRED","role":"BUDGET_HOLDER","start_date":{"day":1,"month":6,"year":2024},"system":"crm"}]', '{"buying_roles":[{"claim_id":"01a22c79-4e0d-763d-acca-51dd297dda98","start_date":{},"system":"crm"}],"contact":"contacts/golden-bert","customer":"customers/golden-alpha","etag":"w/\"ad64e55cec06e81b\"","job_title":"valid_until \"time\":","name":"affiliations/golden-bert-alpha","start_date":{}}', 'valid_until "time":', '');
INSERT INTO public.buying_roles VALUES ('default', '01a22c79-4e07-7646-9ab0-57d19573a26c', 'affiliations/golden-anna-alpha', 'DECISION_MAKER', '"valid_until":', 'CONFIRMED', '', '', '2025-01-01', '2031-01-01', 1796042477063758, 'conversations/golden-talk');
INSERT INTO public.buying_roles VALUES ('default', '01a22c79-4e0d-763d-acca-51dd297dda98', 'affiliations/golden-bert-alpha', 'BUDGET_HOLDER', '', 'INFERRED', '', 'crm', '2024-06-01', '', NULL, '');
INSERT INTO public.changes VALUES ('default', 1, 0, 'colleagues', 'colleagues/mia', 'CREATED', '[]', '[]', 'local', '', '', 1796042476870988, false);
INSERT INTO public.changes VALUES ('default', 2, 0, 'customers', 'customers/golden-alpha', 'CREATED', '[]', '["customers/golden-alpha"]', 'colleagues/mia', '', '', 1796042476989659, false);
INSERT INTO public.changes VALUES ('default', 3, 0, 'customers', 'customers/golden-beta', 'CREATED', '[]', '["customers/golden-beta"]', 'local', '', '', 1796042477003760, false);
INSERT INTO public.changes VALUES ('default', 4, 0, 'customers', 'customers/golden-gone', 'CREATED', '[]', '["customers/golden-gone"]', 'local', '', '', 1796042477011650, false);
INSERT INTO public.changes VALUES ('default', 5, 0, 'contacts', 'contacts/golden-anna', 'CREATED', '[]', '[]', 'local', '', '', 1796042477019866, false);
INSERT INTO public.changes VALUES ('default', 6, 0, 'contacts', 'contacts/golden-bert', 'CREATED', '[]', '[]', 'local', '', '', 1796042477026736, false);
INSERT INTO public.changes VALUES ('default', 7, 0, 'affiliations', 'affiliations/golden-anna-alpha', 'CREATED', '[]', '["customers/golden-alpha"]', 'local', '', '', 1796042477036007, false);
INSERT INTO public.changes VALUES ('default', 8, 0, 'affiliations', 'affiliations/golden-bert-alpha', 'CREATED', '[]', '["customers/golden-alpha"]', 'local', '', '', 1796042477040216, false);
INSERT INTO public.changes VALUES ('default', 9, 0, 'conversations', 'conversations/golden-talk', 'CREATED', '[]', '["customers/golden-alpha"]', 'colleagues/mia', '', '', 1796042477046427, false);
INSERT INTO public.changes VALUES ('default', 10, 0, 'conversations', 'conversations/golden-plan', 'CREATED', '[]', '["customers/golden-beta"]', 'colleagues/mia', '', '', 1796042477054643, false);
INSERT INTO public.changes VALUES ('default', 11, 0, 'conversations', 'conversations/golden-private', 'CREATED', '[]', '["customers/golden-alpha"]', 'colleagues/mia', '', '', 1796042477059305, false);
INSERT INTO public.changes VALUES ('default', 12, 0, 'affiliations', 'affiliations/golden-anna-alpha', 'UPDATED', '["buying_roles"]', '["customers/golden-alpha"]', 'local', '', '', 1796042477064068, false);
INSERT INTO public.changes VALUES ('default', 13, 0, 'affiliations', 'affiliations/golden-bert-alpha', 'UPDATED', '["buying_roles"]', '["customers/golden-alpha"]', 'local', '', '', 1796042477069863, false);
INSERT INTO public.changes VALUES ('default', 14, 0, 'promises', 'promises/golden-ours', 'CREATED', '[]', '["customers/golden-alpha"]', 'local', '', '', 1796042477076462, false);
INSERT INTO public.changes VALUES ('default', 15, 0, 'promises', 'promises/golden-theirs', 'CREATED', '[]', '["customers/golden-alpha"]', 'local', '', '', 1796042477081760, false);
INSERT INTO public.changes VALUES ('default', 16, 0, 'notes', 'notes/golden-note', 'CREATED', '[]', '["customers/golden-alpha"]', 'colleagues/mia', '', '', 1796042477085888, false);
INSERT INTO public.changes VALUES ('default', 17, 0, 'segments', 'segments/golden-claims', 'CREATED', '[]', '[]', 'local', '', '', 1796042477097678, false);
INSERT INTO public.changes VALUES ('default', 18, 0, 'segments', 'segments/golden-permissions', 'CREATED', '[]', '[]', 'local', '', '', 1796042477101148, false);
INSERT INTO public.changes VALUES ('default', 19, 0, 'segments', 'segments/golden-nested', 'CREATED', '[]', '[]', 'local', '', '', 1796042477104708, false);
INSERT INTO public.changes VALUES ('default', 20, 0, 'segments', 'segments/golden-list', 'CREATED', '[]', '[]', 'local', '', '', 1796042477108962, false);
INSERT INTO public.changes VALUES ('default', 21, 0, 'personas', 'personas/golden-persona', 'CREATED', '[]', '[]', 'local', '', '', 1796042477114680, false);
INSERT INTO public.changes VALUES ('default', 24, 0, 'customers', 'customers/golden-pair-old', 'CREATED', '[]', '["customers/golden-pair-old"]', 'local', '', '', 1796042477135266, false);
INSERT INTO public.changes VALUES ('default', 25, 0, 'customers', 'customers/golden-pair-new', 'CREATED', '[]', '["customers/golden-pair-new"]', 'local', '', '', 1796042477141101, false);
INSERT INTO public.changes VALUES ('default', 9, 1, 'customers', 'customers/golden-alpha', 'UPDATED', '["last_conversation"]', '["customers/golden-alpha"]', 'colleagues/mia', '', '', 1796042477046427, true);
INSERT INTO public.changes VALUES ('default', 22, 0, 'customers', 'customers/golden-beta', 'UPDATED', '["contact_permissions","locked_paths"]', '["customers/golden-beta"]', 'local', '', '', 1796042477119379, false);
INSERT INTO public.changes VALUES ('default', 23, 0, 'customers', 'customers/golden-gone', 'DELETED', '["delete_time"]', '["customers/golden-gone"]', 'local', '', '', 1796042477125548, false);
INSERT INTO public.changes VALUES ('default', 9, 2, 'contacts', 'contacts/golden-anna', 'UPDATED', '["last_conversation"]', '["customers/golden-alpha"]', 'colleagues/mia', '', '', 1796042477046427, true);
INSERT INTO public.colleagues VALUES ('default', 'colleagues/mia', 'W/"b21be6d8011ae7ae"', 1796042476870988, 1796042476870988, NULL, '{}', '[]', '{}', '[]', '', 'Mia Golden', '[{"address":"mia@golden.example"}]', '', true, '{"display_name":"mia golden","emails":[{"address":"mia@golden.example"}],"etag":"w/\"b21be6d8011ae7ae\"","name":"colleagues/mia"}', 'mia golden');
INSERT INTO public.contact_conversations VALUES ('default', 'contacts/golden-anna', 1770109200000000, 'conversations/golden-talk');
INSERT INTO public.contacts VALUES ('default', 'contacts/golden-anna', 'W/"a47921c99b0db231"', 1796042477019866, 1796042477019866, NULL, '{}', '[]', '{}', '[]', '', 'Anna İnce', 'Anna', 'İnce', '', NULL, '', '', '[{"address":"anna@alpha.example"}]', '[{"e164":"+436645550102","text":"+43 664 5550102"}]', '[]', '[]', '[]', '', '', '', '[]', '[]', '[{"channel":"PHONE","record_time":"2025-05-01T00:00:00Z","status":"REFUSED"}]', '[]', '', 'conversations/golden-talk', 1770109200000000, '{"contact_permissions":[{}],"display_name":"anna ince","emails":[{"address":"anna@alpha.example"}],"etag":"w/\"a47921c99b0db231\"","family_name":"ince","given_name":"anna","name":"contacts/golden-anna","phone_numbers":[{"e164":"+436645550102","text":"+43 664 5550102"}]}', 'anna ince', 'ince', 'anna');
INSERT INTO public.contacts VALUES ('default', 'contacts/golden-bert', 'W/"81cdc3484b9d600e"', 1796042477026736, 1796042477026736, NULL, '{}', '[]', '{}', '[]', '', 'Bert Reuß', 'Bert', 'Reuß', '', NULL, '', '', '[]', '[]', '[]', '[]', '[]', '', '', '', '[]', '[]', '[]', '[]', '', '', NULL, '{"display_name":"bert reuss","etag":"w/\"81cdc3484b9d600e\"","family_name":"reuss","given_name":"bert","name":"contacts/golden-bert"}', 'bert reuss', 'reuss', 'bert');
INSERT INTO public.conversations VALUES ('default', 'conversations/golden-plan', 'W/"9869a25a1ce29e33"', 1796042477054643, 1796042477054643, NULL, '{}', '[]', '{}', '[]', '', 'customers/golden-beta', '[]', '[]', 'IN_PERSON', 'DIRECTION_UNSPECIFIED', 'PLANNED', false, 1896339600000000, NULL, 'Visit', '', '', '[]', '', 'EVERYONE', 'colleagues/mia', '{"author":"colleagues/mia","customer":"customers/golden-beta","etag":"w/\"9869a25a1ce29e33\"","name":"conversations/golden-plan","subject":"visit"}');
INSERT INTO public.conversations VALUES ('default', 'conversations/golden-private', 'W/"b0a909ab36e7c852"', 1796042477059305, 1796042477059305, NULL, '{}', '[]', '{}', '[]', '', 'customers/golden-alpha', '[]', '[]', 'CHANNEL_UNSPECIFIED', 'DIRECTION_UNSPECIFIED', 'HELD', false, 1772528400000000, NULL, '', 'between us', '', '[]', '', 'PRIVATE', 'colleagues/mia', '{"author":"colleagues/mia","customer":"customers/golden-alpha","etag":"w/\"b0a909ab36e7c852\"","name":"conversations/golden-private","summary":"between us"}');
INSERT INTO public.conversations VALUES ('default', 'conversations/golden-talk', 'W/"825af12c517463c9"', 1796042477046427, 1796042477046427, NULL, '{}', '[]', '{}', '[]', '', 'customers/golden-alpha', '["contacts/golden-anna"]', '[]', 'PHONE', 'OUTBOUND', 'HELD', false, 1770109200000000, NULL, 'Spindles', 'Wants a quote', '', '[]', '', 'EVERYONE', 'colleagues/mia', '{"author":"colleagues/mia","contacts":["contacts/golden-anna"],"customer":"customers/golden-alpha","etag":"w/\"825af12c517463c9\"","name":"conversations/golden-talk","subject":"spindles","summary":"wants a quote"}');
INSERT INTO public.customer_channels VALUES ('default', 'customers/golden-alpha', 'PHONE', 1, 1770109200000000, 1770109200000000);
INSERT INTO public.customers VALUES ('default', 'customers/golden-gone', 'W/"997d2b6c29c816e9"', 1796042477011650, 1796042477125548, 1796042477125548, '{}', '[]', '{}', '[]', '', 'Golden Gone', 'KIND_UNSPECIFIED', 'AUDIENCE_UNSPECIFIED', 'LIFECYCLE_UNSPECIFIED', '', '[]', '', '', '', NULL, NULL, '', 0, 0, '', '', NULL, '', '', '', '[]', '[]', '[]', '[]', '', NULL, NULL, NULL, '', '[]', '[]', NULL, '', 0, 0, '', '[]', '[]', NULL, '[]', 'SIZE_UNSPECIFIED', '', '', NULL, DEFAULT, '{"display_name":"golden gone","etag":"w/\"997d2b6c29c816e9\"","name":"customers/golden-gone"}', 'golden gone', 0, NULL);
INSERT INTO public.customers VALUES ('default', 'customers/golden-pair-new', 'W/"b2e7b57a56f5bd3e"', 1796042477141101, 1796042477141101, NULL, '{}', '[]', '{}', '[{"id":"Z​-9","system":"crm"}]', '', 'Pair, the newer', 'KIND_UNSPECIFIED', 'AUDIENCE_UNSPECIFIED', 'LIFECYCLE_UNSPECIFIED', '', '[]', '', '', '', NULL, NULL, '', 0, 0, '', '', NULL, '', '', '', '[]', '[{"address":"pair@new.example"}]', '[]', '[]', '', NULL, NULL, NULL, '', '[]', '[]', NULL, '', 0, 0, '', '[]', '[]', NULL, '[]', 'SIZE_UNSPECIFIED', '', '', NULL, DEFAULT, '{"display_name":"pair, the newer","emails":[{"address":"pair@new.example"}],"etag":"w/\"b2e7b57a56f5bd3e\"","external_ids":[{"id":"z-9","system":"crm"}],"name":"customers/golden-pair-new"}', 'pair, the newer', 0, NULL);
INSERT INTO public.customers VALUES ('default', 'customers/golden-pair-old', 'W/"9d39b5f5ef21ea34"', 1796042477135266, 1796042477135266, NULL, '{}', '[]', '{}', '[{"id":"Z-9","system":"crm"}]', '', 'Pair, the older', 'KIND_UNSPECIFIED', 'AUDIENCE_UNSPECIFIED', 'LIFECYCLE_UNSPECIFIED', '', '[]', '', '', '', NULL, NULL, '', 0, 0, '', '', NULL, '', '', '', '[]', '[]', '[]', '[]', '', NULL, NULL, NULL, '', '[]', '[]', NULL, '', 0, 0, '', '[]', '[]', NULL, '[]', 'SIZE_UNSPECIFIED', '', '', NULL, DEFAULT, '{"display_name":"pair, the older","etag":"w/\"9d39b5f5ef21ea34\"","external_ids":[{"id":"z-9","system":"crm"}],"name":"customers/golden-pair-old"}', 'pair, the older', 0, NULL);
INSERT INTO public.customers VALUES ('default', 'customers/golden-alpha', 'W/"8b88c2e8d1d0fbeb"', 1796042476989659, 1796042476989659, NULL, '{"tier":"gold"}', '["first"]', '{"note":"\"time\": quoted","valid_until":"x"}', '[{"id":"A-1","system":"crm"}]', '', 'Golden Alpha', 'BUSINESS', 'AUDIENCE_UNSPECIFIED', 'ACTIVE', 'Golden Alpha Straße GmbH', '["alpha.example","münchen.example"]', '', 'machinery', '', 120, NULL, '', 0, 0, '', '', NULL, '', '', '', '[{"postal_address":{"locality":"Wien","region_code":"AT"}}]', '[{"address":"Office@Alpha.Example"}]', '[{"e164":"+4315550101","text":"+43 1 5550101"}]', '[]', '', NULL, NULL, NULL, '', '[]', '[]', NULL, 'EUR', 1200, 0, '', '[]', '[{"expire_time":"2027-03-01T10:00:00Z","purpose":"\"time\": of day","record_time":"2025-03-01T10:00:00Z","status":"ALLOWED"},{"channel":"EMAIL","record_time":"2025-04-01T00:00:00Z","status":"REFUSED"}]', 7776000000000, '["about","contact_permissions"]', 'MEDIUM', 'colleagues/mia', 'conversations/golden-talk', 1770109200000000, DEFAULT, '{"addresses":[{"postal_address":{"locality":"wien","region_code":"at"}}],"annual_spend":{"currency_code":"eur"},"attributes":{"note":"\"time\": quoted","valid_until":"x"},"business":{"domains":["alpha.example","münchen.example"],"industry":"machinery","legal_name":"golden alpha strasse gmbh"},"contact_permissions":[{"purpose":"\"time\": of day"},{}],"display_name":"golden alpha","emails":[{"address":"office@alpha.example"}],"etag":"w/\"8b88c2e8d1d0fbeb\"","external_ids":[{"id":"a-1","system":"crm"}],"follow_up_interval":{},"labels":{"tier":"gold"},"locked_paths":["about","contact_permissions"],"name":"customers/golden-alpha","owner":"colleagues/mia","phone_numbers":[{"e164":"+4315550101","text":"+43 1 5550101"}],"tags":["first"]}', 'golden alpha', 1, 1770109200000000);
INSERT INTO public.customers VALUES ('default', 'customers/golden-beta', 'W/"bb7855df2daa5d3d"', 1796042477003760, 1796042477119379, NULL, '{}', '[]', '{}', '[]', '', 'beta Äpfel', 'BUSINESS', 'AUDIENCE_UNSPECIFIED', 'LIFECYCLE_UNSPECIFIED', '', '[]', '', '', '', NULL, NULL, '', 0, 0, '', '', NULL, '', '', '', '[]', '[]', '[]', '[]', '', NULL, NULL, NULL, '', '[]', '[]', NULL, '', 0, 0, 'customers/golden-alpha', '[]', '[{"record_time":"2025-06-01T00:00:00Z","status":"ALLOWED"}]', NULL, '["contact_permissions"]', 'SIZE_UNSPECIFIED', '', '', NULL, DEFAULT, '{"contact_permissions":[{}],"display_name":"beta äpfel","etag":"w/\"bb7855df2daa5d3d\"","locked_paths":["contact_permissions"],"name":"customers/golden-beta","parent":"customers/golden-alpha"}', 'beta apfel', 0, NULL);
INSERT INTO public.filing VALUES (2);
INSERT INTO public.filing_progress VALUES ('default', 'words', 2, '');
INSERT INTO public.filing_progress VALUES ('default', 'customers', 2, 'customers/golden-pair-old');
INSERT INTO public.filing_progress VALUES ('default', 'contacts', 2, 'contacts/golden-bert');
INSERT INTO public.filing_progress VALUES ('default', 'affiliations', 2, 'affiliations/golden-bert-alpha');
INSERT INTO public.filing_progress VALUES ('default', 'colleagues', 2, 'colleagues/mia');
INSERT INTO public.filing_progress VALUES ('default', 'conversations', 2, 'conversations/golden-talk');
INSERT INTO public.filing_progress VALUES ('default', 'promises', 2, 'promises/golden-theirs');
INSERT INTO public.filing_progress VALUES ('default', 'notes', 2, 'notes/golden-note');
INSERT INTO public.filing_progress VALUES ('default', 'personas', 2, 'personas/golden-persona');
INSERT INTO public.filing_progress VALUES ('default', 'segments', 2, 'segments/golden-permissions');
INSERT INTO public.history VALUES ('default', 'colleagues/mia', 1, '\x0a0e636f6c6c6561677565732f6d69611214572f2262323162653664383031316165376165221a0c08ecddb5d80610e0f1a89f03220c08ecddb5d80610e0f1a89f03a2010a4d696120476f6c64656eaa01140a126d696140676f6c64656e2e6578616d706c65b80101');
INSERT INTO public.history VALUES ('default', 'customers/golden-alpha', 2, '\x0a16637573746f6d6572732f676f6c64656e2d616c7068611214572f2238623838633265386431643066626562221a0c08ecddb5d80610f8fef3d703220c08ecddb5d80610f8fef3d703320c0a04746965721204676f6c643a056669727374422e0a180a046e6f746512101a0e2274696d65223a2071756f7465640a120a0b76616c69645f756e74696c12031a01784a0a0a0363726d1203412d31a2010c476f6c64656e20416c706861a80101b80102c201490a19476f6c64656e20416c7068612053747261c39f6520476d6248120d616c7068612e6578616d706c6512106dc3bc6e6368656e2e6578616d706c6522096d616368696e6572793078d2010c120a120241543a045769656eda01160a144f666669636540416c7068612e4578616d706c65e2011c0a0d2b343320312035353530313031120b2b343331353535303130319202080a0345555210b009aa022210011a0e2274696d65223a206f6620646179220608a0b58bbe06320608a08395dc06aa020c0804100222060880d9acbf06b202050880ceda03ba020561626f7574ba0213636f6e746163745f7065726d697373696f6e73c00203e2020e636f6c6c6561677565732f6d6961');
INSERT INTO public.history VALUES ('default', 'customers/golden-beta', 3, '\x0a15637573746f6d6572732f676f6c64656e2d626574611214572f2239616266383832616366626534363733221a0b08edddb5d8061080bfe501220b08edddb5d8061080bfe501a2010b6265746120c3847066656ca801019a0216637573746f6d6572732f676f6c64656e2d616c706861');
INSERT INTO public.history VALUES ('default', 'customers/golden-gone', 4, '\x0a15637573746f6d6572732f676f6c64656e2d676f6e651214572f2238373963393666373966393566643437221a0b08edddb5d80610d087c705220b08edddb5d80610d087c705a2010b476f6c64656e20476f6e65');
INSERT INTO public.history VALUES ('default', 'contacts/golden-anna', 5, '\x0a14636f6e74616374732f676f6c64656e2d616e6e611214572f2261343739323163393962306462323331221a0b08edddb5d8061090c3bc09220b08edddb5d8061090c3bc09a2010a416e6e6120c4b06e6365aa0104416e6e61b20105c4b06e6365da01140a12616e6e6140616c7068612e6578616d706c65e201200a0f2b3433203636342035353530313032120d2b343336363435353530313032aa020c0802100222060880f3cac006');
INSERT INTO public.history VALUES ('default', 'contacts/golden-bert', 6, '\x0a14636f6e74616374732f676f6c64656e2d626572741214572f2238316364633334383462396436303065221a0b08edddb5d8061080ebdf0c220b08edddb5d8061080ebdf0ca2010a4265727420526575c39faa010442657274b20105526575c39f');
INSERT INTO public.history VALUES ('default', 'affiliations/golden-anna-alpha', 7, '\x0a1e616666696c696174696f6e732f676f6c64656e2d616e6e612d616c7068611214572f2262633531653539346165616662316165221a0b08edddb5d80610d8d89511220b08edddb5d80610d8d89511a20114636f6e74616374732f676f6c64656e2d616e6e61aa0116637573746f6d6572732f676f6c64656e2d616c706861b2010e48656164206f6620427579696e67c00102d00101');
INSERT INTO public.history VALUES ('default', 'affiliations/golden-bert-alpha', 8, '\x0a1e616666696c696174696f6e732f676f6c64656e2d626572742d616c7068611214572f2238353037336633333033623338666134221a0b08edddb5d80610c0cb9613220b08edddb5d80610c0cb9613a20114636f6e74616374732f676f6c64656e2d62657274aa0116637573746f6d6572732f676f6c64656e2d616c706861b2011376616c69645f756e74696c202274696d65223ada010708e40f10011801');
INSERT INTO public.history VALUES ('default', 'conversations/golden-talk', 9, '\x0a19636f6e766572736174696f6e732f676f6c64656e2d74616c6b1214572f2238323561663132633531373436336339221a0b08edddb5d80610f8d69116220b08edddb5d80610f8d69116a20116637573746f6d6572732f676f6c64656e2d616c706861aa0114636f6e74616374732f676f6c64656e2d616e6e61b80102c00102c80101da01060890f286cc06ea01085370696e646c6573f2010d57616e747320612071756f74659002019a020e636f6c6c6561677565732f6d6961');
INSERT INTO public.history VALUES ('default', 'conversations/golden-plan', 10, '\x0a19636f6e766572736174696f6e732f676f6c64656e2d706c616e1214572f2239383639613235613163653239653333221a0b08edddb5d80610b892871a220b08edddb5d80610b892871aa20115637573746f6d6572732f676f6c64656e2d62657461b80101c80102da01060890b19f8807ea010556697369749002019a020e636f6c6c6561677565732f6d6961');
INSERT INTO public.history VALUES ('default', 'conversations/golden-private', 11, '\x0a1c636f6e766572736174696f6e732f676f6c64656e2d707269766174651214572f2262306139303961623336653763383532221a0b08edddb5d80610a8d8a31c220b08edddb5d80610a8d8a31ca20116637573746f6d6572732f676f6c64656e2d616c706861c80101da01060890c69acd06f2010a6265747765656e2075739002029a020e636f6c6c6561677565732f6d6961');
INSERT INTO public.history VALUES ('default', 'affiliations/golden-anna-alpha', 12, '\x0a1e616666696c696174696f6e732f676f6c64656e2d616e6e612d616c7068611214572f2262666563313065313234366332353461221a0b08edddb5d80610d8d89511220b08edddb5d80610a0b3c61ea20114636f6e74616374732f676f6c64656e2d616e6e61aa0116637573746f6d6572732f676f6c64656e2d616c706861b2010e48656164206f6620427579696e67c00102d00101ea01740a2430316132326337392d346530372d373634362d396162302d35376431393537336132366310011a0e2276616c69645f756e74696c223a20033a0708e90f10011801420708ef0f100118014a0b08edddb5d80610b0bdb31e5219636f6e766572736174696f6e732f676f6c64656e2d74616c6b');
INSERT INTO public.history VALUES ('default', 'affiliations/golden-bert-alpha', 13, '\x0a1e616666696c696174696f6e732f676f6c64656e2d626572742d616c7068611214572f2261643634653535636563303665383162221a0b08edddb5d80610c0cb9613220b08edddb5d80610d88ca821a20114636f6e74616374732f676f6c64656e2d62657274aa0116637573746f6d6572732f676f6c64656e2d616c706861b2011376616c69645f756e74696c202274696d65223ada010708e40f10011801ea01380a2430316132326337392d346530642d373633642d616363612d35316464323937646461393810032001320363726d3a0708e80f10061801');
INSERT INTO public.history VALUES ('default', 'promises/golden-ours', 14, '\x0a1470726f6d697365732f676f6c64656e2d6f7572731214572f2261363635646365616531646632343731221a0b08edddb5d80610b0efba24220b08edddb5d80610b0efba24a20116637573746f6d6572732f676f6c64656e2d616c706861b20119636f6e766572736174696f6e732f676f6c64656e2d74616c6bba010e53656e64207468652071756f7465c00101ca010e636f6c6c6561677565732f6d6961d201060880838ecd06');
INSERT INTO public.history VALUES ('default', 'promises/golden-theirs', 15, '\x0a1670726f6d697365732f676f6c64656e2d7468656972731214572f2261616163386634333430666432653466221a0b08edddb5d80610809efe26220b08edddb5d80610809efe26a20116637573746f6d6572732f676f6c64656e2d616c706861ba011155533a2073656e642064726177696e6773c00102');
INSERT INTO public.history VALUES ('default', 'notes/golden-note', 16, '\x0a116e6f7465732f676f6c64656e2d6e6f74651214572f2238386666623435633664643664663737221a0b08edddb5d806108098fa28220b08edddb5d806108098fa28a20116637573746f6d6572732f676f6c64656e2d616c706861aa01174f6c6420667269656e64206f662074686520686f757365ba010b08edddb5d806108098fa28c2010e636f6c6c6561677565732f6d6961d00101');
INSERT INTO public.history VALUES ('default', 'segments/golden-claims', 17, '\x0a167365676d656e74732f676f6c64656e2d636c61696d731214572f2239313661663266613965666236616534221a0b08edddb5d80610b0e5c92e220b08edddb5d80610b0e5c92ea2010f436c61696d7320696e20666f726365b20172616666696c696174696f6e732e627579696e675f726f6c65732e76616c69645f66726f6d203c3d2022323032362d30312d30312220414e44204e4f5420616666696c696174696f6e732e627579696e675f726f6c65732e76616c69645f756e74696c203c3d2022323032362d30312d303122');
INSERT INTO public.history VALUES ('default', 'segments/golden-permissions', 18, '\x0a1b7365676d656e74732f676f6c64656e2d7065726d697373696f6e731214572f2238383034386537393366663533323232221a0b08edddb5d80610e0ca9d30220b08edddb5d80610e0ca9d30a2010b5065726d697373696f6e73b2015d636f6e746163745f7065726d697373696f6e732e74696d65203e3d2022323032352d30322d30315430303a30303a30305a2220414e44204e4f542061626f7574203d2022636f6e746163745f7065726d697373696f6e732e74696d6522');
INSERT INTO public.history VALUES ('default', 'segments/golden-nested', 19, '\x0a167365676d656e74732f676f6c64656e2d6e65737465641214572f2262393536656162626132663564376466221a0b08edddb5d80610a0eff631220b08edddb5d80610a0eff631a201064e6573746564b201407365676d656e743a227365676d656e74732f676f6c64656e2d636c61696d7322204f5220646973706c61795f6e616d65203d202276616c69645f756e74696c22');
INSERT INTO public.history VALUES ('default', 'segments/golden-list', 20, '\x0a147365676d656e74732f676f6c64656e2d6c6973741214572f2239313339616331393264346162646430221a0b08edddb5d80610d0c1fa33220b08edddb5d80610d0c1fa33a201065069636b6564ba012f0a16637573746f6d6572732f676f6c64656e2d616c7068610a15637573746f6d6572732f676f6c64656e2d676f6e65');
INSERT INTO public.history VALUES ('default', 'personas/golden-persona', 21, '\x0a17706572736f6e61732f676f6c64656e2d706572736f6e611214572f2238636238623938623538343438323963221a0b08edddb5d80610c0c1d736220b08edddb5d80610c0c1d736a2010c4361726566756c204361726ca80101a2025428616666696c696174696f6e732e627579696e675f726f6c65732e76616c69645f756e74696c203e2022323032372d30312d303122204f5220636f6e746163745f7065726d697373696f6e732e74696d653a2a29aa020f0a0d4465636964657320616c6f6e65aa02450a0f486173207065726d697373696f6e731232636f6e746163745f7065726d697373696f6e732e74696d65203e3d2022323032352d30312d30315430303a30303a30305a22');
INSERT INTO public.history VALUES ('default', 'customers/golden-beta', 22, '\x0a15637573746f6d6572732f676f6c64656e2d626574611214572f2262623738353564663264616135643364221a0b08edddb5d8061080bfe501220b08edddb5d80610b8a8f638a2010b6265746120c3847066656ca801019a0216637573746f6d6572732f676f6c64656e2d616c706861aa020a100122060880b0eec106ba0213636f6e746163745f7065726d697373696f6e73');
INSERT INTO public.history VALUES ('default', 'customers/golden-gone', 23, '\x0a15637573746f6d6572732f676f6c64656e2d676f6e651214572f2239393764326236633239633831366539221a0b08edddb5d80610d087c705220b08edddb5d80610e0ebee3b2a0b08edddb5d80610e0ebee3ba2010b476f6c64656e20476f6e65');
INSERT INTO public.history VALUES ('default', 'customers/golden-pair-old', 24, '\x0a19637573746f6d6572732f676f6c64656e2d706169722d6f6c641214572f2239643339623566356566323165613334221a0b08edddb5d80610d0fdbf40220b08edddb5d80610d0fdbf404a0a0a0363726d12035a2d39a2010f506169722c20746865206f6c646572');
INSERT INTO public.history VALUES ('default', 'customers/golden-pair-new', 25, '\x0a19637573746f6d6572732f676f6c64656e2d706169722d6e65771214572f2262326537623537613536663562643365221a0b08edddb5d80610c88fa443220b08edddb5d80610c88fa4434a0d0a0363726d12065ae2808b2d39a2010f506169722c20746865206e65776572da01120a1070616972406e65772e6578616d706c65');
INSERT INTO public.keys VALUES ('default', 'colleagues', 'emails', '', 'mia@golden.example', 'colleagues/mia');
INSERT INTO public.keys VALUES ('default', 'customers', 'business.domains', '', 'alpha.example', 'customers/golden-alpha');
INSERT INTO public.keys VALUES ('default', 'customers', 'business.domains', '', 'münchen.example', 'customers/golden-alpha');
INSERT INTO public.keys VALUES ('default', 'customers', 'emails', '', 'office@alpha.example', 'customers/golden-alpha');
INSERT INTO public.keys VALUES ('default', 'customers', 'external_ids', 'crm', 'A-1', 'customers/golden-alpha');
INSERT INTO public.keys VALUES ('default', 'customers', 'labels', 'tier', 'gold', 'customers/golden-alpha');
INSERT INTO public.keys VALUES ('default', 'customers', 'phone_numbers', '', '+4315550101', 'customers/golden-alpha');
INSERT INTO public.keys VALUES ('default', 'customers', 'tags', '', 'first', 'customers/golden-alpha');
INSERT INTO public.keys VALUES ('default', 'contacts', 'emails', '', 'anna@alpha.example', 'contacts/golden-anna');
INSERT INTO public.keys VALUES ('default', 'contacts', 'phone_numbers', '', '+436645550102', 'contacts/golden-anna');
INSERT INTO public.keys VALUES ('default', 'conversations', 'contacts', '', 'contacts/golden-anna', 'conversations/golden-talk');
INSERT INTO public.keys VALUES ('default', 'segments', 'filter', '', 'segments/golden-claims', 'segments/golden-nested');
INSERT INTO public.keys VALUES ('default', 'segments', 'members', '', 'customers/golden-gone', 'segments/golden-list');
INSERT INTO public.keys VALUES ('default', 'segments', 'members', '', 'customers/golden-alpha', 'segments/golden-list');
INSERT INTO public.keys VALUES ('default', 'customers', 'external_ids', 'crm', 'Z-9', 'customers/golden-pair-old');
INSERT INTO public.keys VALUES ('default', 'customers', 'emails', '', 'pair@new.example', 'customers/golden-pair-new');
INSERT INTO public.keys VALUES ('default', 'customers', 'business.domains', 'host', 'xn--mnchen-3ya.example', 'customers/golden-alpha');
INSERT INTO public.keys VALUES ('default', 'customers', 'phone_numbers', '', 'n15550101', 'customers/golden-alpha');
INSERT INTO public.keys VALUES ('default', 'customers', 'unfiled_external_ids', 'crm', 'Z-9', 'customers/golden-pair-new');
INSERT INTO public.keys VALUES ('default', 'contacts', 'phone_numbers', '', 'n6645550102', 'contacts/golden-anna');
INSERT INTO public.keys VALUES ('default', 'notes', 'records', '', 'customers/golden-alpha', 'notes/golden-note');
INSERT INTO public.notes VALUES ('default', 'notes/golden-note', 'W/"88ffb45c6dd6df77"', 1796042477085888, 1796042477085888, NULL, '{}', '[]', '{}', '[]', '', '["customers/golden-alpha"]', 'Old friend of the house', false, 1796042477085888, 'colleagues/mia', '[]', 'EVERYONE', '{"author":"colleagues/mia","body":"old friend of the house","etag":"w/\"88ffb45c6dd6df77\"","name":"notes/golden-note","records":["customers/golden-alpha"]}');
INSERT INTO public.personas VALUES ('default', 'personas/golden-persona', 'W/"8cb8b98b5844829c"', 1796042477114680, 1796042477114680, NULL, '{}', '[]', '{}', '[]', '', 'CUSTOMER', 'Careful Carl', '', '', '', '', '', NULL, NULL, '[]', '[]', '[]', '[]', '[]', '[]', '[]', '[]', '[]', '[]', '[]', '[]', '(affiliations.buying_roles.end_date > "2027-01-01" OR contact_permissions.record_time:*)', '[{"text":"Decides alone"},{"filter":"contact_permissions.record_time >= \"2025-01-01T00:00:00Z\"","text":"Has permissions"}]', NULL, NULL, '{"display_name":"careful carl","etag":"w/\"8cb8b98b5844829c\"","match_filter":"(affiliations.buying_roles.end_date > \"2027-01-01\" or contact_permissions.record_time:*)","name":"personas/golden-persona","statements":[{"text":"decides alone"},{"filter":"contact_permissions.record_time >= \"2025-01-01t00:00:00z\"","text":"has permissions"}]}', 'careful carl');
INSERT INTO public.promises VALUES ('default', 'promises/golden-ours', 'W/"a665dceae1df2471"', 1796042477076462, 1796042477076462, NULL, '{}', '[]', '{}', '[]', '', 'customers/golden-alpha', '[]', 'conversations/golden-talk', 'Send the quote', 'COMPANY', 'colleagues/mia', 1772323200000000, NULL, '{"conversation":"conversations/golden-talk","customer":"customers/golden-alpha","etag":"w/\"a665dceae1df2471\"","name":"promises/golden-ours","owner":"colleagues/mia","text":"send the quote"}');
INSERT INTO public.promises VALUES ('default', 'promises/golden-theirs', 'W/"aaac8f4340fd2e4f"', 1796042477081760, 1796042477081760, NULL, '{}', '[]', '{}', '[]', '', 'customers/golden-alpha', '[]', '', 'US: send drawings', 'CUSTOMER', '', 9223372036854775807, NULL, '{"customer":"customers/golden-alpha","etag":"w/\"aaac8f4340fd2e4f\"","name":"promises/golden-theirs","text":"us: send drawings"}');
INSERT INTO public.secrets VALUES ('token', '\x3e50780e5c721647091dda8793f8f384275b079fbb9d33a74e7cc7126c932d16');
INSERT INTO public.segments VALUES ('default', 'segments/golden-claims', 'W/"916af2fa9efb6ae4"', 1796042477097678, 1796042477097678, NULL, '{}', '[]', '{}', '[]', '', 'Claims in force', '', 'affiliations.buying_roles.start_date <= "2026-01-01" AND NOT affiliations.buying_roles.end_date <= "2026-01-01"', '', '{"display_name":"claims in force","etag":"w/\"916af2fa9efb6ae4\"","filter":"affiliations.buying_roles.start_date <= \"2026-01-01\" and not affiliations.buying_roles.end_date <= \"2026-01-01\"","name":"segments/golden-claims"}', 'claims in force');
INSERT INTO public.segments VALUES ('default', 'segments/golden-list', 'W/"9139ac192d4abdd0"', 1796042477108962, 1796042477108962, NULL, '{}', '[]', '{}', '[]', '', 'Picked', '', '', '["customers/golden-alpha","customers/golden-gone"]', '{"display_name":"picked","etag":"w/\"9139ac192d4abdd0\"","members":{"customers":["customers/golden-alpha","customers/golden-gone"]},"name":"segments/golden-list"}', 'picked');
INSERT INTO public.segments VALUES ('default', 'segments/golden-nested', 'W/"b956eabba2f5d7df"', 1796042477104708, 1796042477104708, NULL, '{}', '[]', '{}', '[]', '', 'Nested', '', 'segment:"segments/golden-claims" OR display_name = "valid_until"', '', '{"display_name":"nested","etag":"w/\"b956eabba2f5d7df\"","filter":"segment:\"segments/golden-claims\" or display_name = \"valid_until\"","name":"segments/golden-nested"}', 'nested');
INSERT INTO public.segments VALUES ('default', 'segments/golden-permissions', 'W/"88048e793ff53222"', 1796042477101148, 1796042477101148, NULL, '{}', '[]', '{}', '[]', '', 'Permissions', '', 'contact_permissions.record_time >= "2025-02-01T00:00:00Z" AND NOT about = "contact_permissions.time"', '', '{"display_name":"permissions","etag":"w/\"88048e793ff53222\"","filter":"contact_permissions.record_time >= \"2025-02-01t00:00:00z\" and not about = \"contact_permissions.time\"","name":"segments/golden-permissions"}', 'permissions');
INSERT INTO public.tenants VALUES ('default', 25, '');
INSERT INTO public.word_keys VALUES ('default', 'alha', 'alpha');
INSERT INTO public.word_keys VALUES ('default', 'alpa', 'alpha');
INSERT INTO public.word_keys VALUES ('default', 'alph', 'alpha');
INSERT INTO public.word_keys VALUES ('default', 'alpha', 'alpha');
INSERT INTO public.word_keys VALUES ('default', 'apha', 'alpha');
INSERT INTO public.word_keys VALUES ('default', 'lpha', 'alpha');
INSERT INTO public.word_keys VALUES ('default', 'afel', 'apfel');
INSERT INTO public.word_keys VALUES ('default', 'apel', 'apfel');
INSERT INTO public.word_keys VALUES ('default', 'apfe', 'apfel');
INSERT INTO public.word_keys VALUES ('default', 'apfel', 'apfel');
INSERT INTO public.word_keys VALUES ('default', 'apfl', 'apfel');
INSERT INTO public.word_keys VALUES ('default', 'pfel', 'apfel');
INSERT INTO public.word_keys VALUES ('default', 'bea', 'beta');
INSERT INTO public.word_keys VALUES ('default', 'bet', 'beta');
INSERT INTO public.word_keys VALUES ('default', 'beta', 'beta');
INSERT INTO public.word_keys VALUES ('default', 'bta', 'beta');
INSERT INTO public.word_keys VALUES ('default', 'eta', 'beta');
INSERT INTO public.word_keys VALUES ('default', 'glden', 'golden');
INSERT INTO public.word_keys VALUES ('default', 'goden', 'golden');
INSERT INTO public.word_keys VALUES ('default', 'golde', 'golden');
INSERT INTO public.word_keys VALUES ('default', 'golden', 'golden');
INSERT INTO public.word_keys VALUES ('default', 'goldn', 'golden');
INSERT INTO public.word_keys VALUES ('default', 'golen', 'golden');
INSERT INTO public.word_keys VALUES ('default', 'olden', 'golden');
INSERT INTO public.word_keys VALUES ('default', 'mnchen', 'munchen');
INSERT INTO public.word_keys VALUES ('default', 'muchen', 'munchen');
INSERT INTO public.word_keys VALUES ('default', 'muncen', 'munchen');
INSERT INTO public.word_keys VALUES ('default', 'munche', 'munchen');
INSERT INTO public.word_keys VALUES ('default', 'munchen', 'munchen');
INSERT INTO public.word_keys VALUES ('default', 'munchn', 'munchen');
INSERT INTO public.word_keys VALUES ('default', 'munhen', 'munchen');
INSERT INTO public.word_keys VALUES ('default', 'unchen', 'munchen');
INSERT INTO public.word_keys VALUES ('default', 'ewer', 'newer');
INSERT INTO public.word_keys VALUES ('default', 'neer', 'newer');
INSERT INTO public.word_keys VALUES ('default', 'newe', 'newer');
INSERT INTO public.word_keys VALUES ('default', 'newer', 'newer');
INSERT INTO public.word_keys VALUES ('default', 'newr', 'newer');
INSERT INTO public.word_keys VALUES ('default', 'nwer', 'newer');
INSERT INTO public.word_keys VALUES ('default', 'lder', 'older');
INSERT INTO public.word_keys VALUES ('default', 'oder', 'older');
INSERT INTO public.word_keys VALUES ('default', 'olde', 'older');
INSERT INTO public.word_keys VALUES ('default', 'older', 'older');
INSERT INTO public.word_keys VALUES ('default', 'oldr', 'older');
INSERT INTO public.word_keys VALUES ('default', 'oler', 'older');
INSERT INTO public.word_keys VALUES ('default', 'air', 'pair');
INSERT INTO public.word_keys VALUES ('default', 'pai', 'pair');
INSERT INTO public.word_keys VALUES ('default', 'pair', 'pair');
INSERT INTO public.word_keys VALUES ('default', 'par', 'pair');
INSERT INTO public.word_keys VALUES ('default', 'pir', 'pair');
INSERT INTO public.word_keys VALUES ('default', 'srasse', 'strasse');
INSERT INTO public.word_keys VALUES ('default', 'stasse', 'strasse');
INSERT INTO public.word_keys VALUES ('default', 'strase', 'strasse');
INSERT INTO public.word_keys VALUES ('default', 'strass', 'strasse');
INSERT INTO public.word_keys VALUES ('default', 'strasse', 'strasse');
INSERT INTO public.word_keys VALUES ('default', 'strsse', 'strasse');
INSERT INTO public.word_keys VALUES ('default', 'trasse', 'strasse');
INSERT INTO public.word_keys VALUES ('default', 'he', 'the');
INSERT INTO public.word_keys VALUES ('default', 'te', 'the');
INSERT INTO public.word_keys VALUES ('default', 'th', 'the');
INSERT INTO public.word_keys VALUES ('default', 'the', 'the');
INSERT INTO public.word_keys VALUES ('default', 'ien', 'wien');
INSERT INTO public.word_keys VALUES ('default', 'wen', 'wien');
INSERT INTO public.word_keys VALUES ('default', 'wie', 'wien');
INSERT INTO public.word_keys VALUES ('default', 'wien', 'wien');
INSERT INTO public.word_keys VALUES ('default', 'win', 'wien');
INSERT INTO public.word_keys VALUES ('default', 'ana', 'anna');
INSERT INTO public.word_keys VALUES ('default', 'ann', 'anna');
INSERT INTO public.word_keys VALUES ('default', 'anna', 'anna');
INSERT INTO public.word_keys VALUES ('default', 'nna', 'anna');
INSERT INTO public.word_keys VALUES ('default', 'ber', 'bert');
INSERT INTO public.word_keys VALUES ('default', 'bert', 'bert');
INSERT INTO public.word_keys VALUES ('default', 'bet', 'bert');
INSERT INTO public.word_keys VALUES ('default', 'brt', 'bert');
INSERT INTO public.word_keys VALUES ('default', 'ert', 'bert');
INSERT INTO public.word_keys VALUES ('default', 'ice', 'ince');
INSERT INTO public.word_keys VALUES ('default', 'inc', 'ince');
INSERT INTO public.word_keys VALUES ('default', 'ince', 'ince');
INSERT INTO public.word_keys VALUES ('default', 'ine', 'ince');
INSERT INTO public.word_keys VALUES ('default', 'nce', 'ince');
INSERT INTO public.word_keys VALUES ('default', 'euss', 'reuss');
INSERT INTO public.word_keys VALUES ('default', 'ress', 'reuss');
INSERT INTO public.word_keys VALUES ('default', 'reus', 'reuss');
INSERT INTO public.word_keys VALUES ('default', 'reuss', 'reuss');
INSERT INTO public.word_keys VALUES ('default', 'russ', 'reuss');
INSERT INTO public.words VALUES ('default', 'alpha', 1, 'customers/golden-alpha');
INSERT INTO public.words VALUES ('default', 'alpha golden', 4, 'customers/golden-alpha');
INSERT INTO public.words VALUES ('default', 'alpha munchen', 8, 'customers/golden-alpha');
INSERT INTO public.words VALUES ('default', 'alpha strasse', 6, 'customers/golden-alpha');
INSERT INTO public.words VALUES ('default', 'alpha wien', 65, 'customers/golden-alpha');
INSERT INTO public.words VALUES ('default', 'golden', 3, 'customers/golden-alpha');
INSERT INTO public.words VALUES ('default', 'golden alpha', 4, 'customers/golden-alpha');
INSERT INTO public.words VALUES ('default', 'golden munchen', 8, 'customers/golden-alpha');
INSERT INTO public.words VALUES ('default', 'golden strasse', 6, 'customers/golden-alpha');
INSERT INTO public.words VALUES ('default', 'golden wien', 67, 'customers/golden-alpha');
INSERT INTO public.words VALUES ('default', 'munchen', 1, 'customers/golden-alpha');
INSERT INTO public.words VALUES ('default', 'munchen alpha', 8, 'customers/golden-alpha');
INSERT INTO public.words VALUES ('default', 'munchen golden', 8, 'customers/golden-alpha');
INSERT INTO public.words VALUES ('default', 'munchen strasse', 8, 'customers/golden-alpha');
INSERT INTO public.words VALUES ('default', 'munchen wien', 65, 'customers/golden-alpha');
INSERT INTO public.words VALUES ('default', 'strasse', 6, 'customers/golden-alpha');
INSERT INTO public.words VALUES ('default', 'strasse alpha', 6, 'customers/golden-alpha');
INSERT INTO public.words VALUES ('default', 'strasse golden', 6, 'customers/golden-alpha');
INSERT INTO public.words VALUES ('default', 'strasse munchen', 8, 'customers/golden-alpha');
INSERT INTO public.words VALUES ('default', 'strasse wien', 70, 'customers/golden-alpha');
INSERT INTO public.words VALUES ('default', 'wien', 128, 'customers/golden-alpha');
INSERT INTO public.words VALUES ('default', 'apfel', 4, 'customers/golden-beta');
INSERT INTO public.words VALUES ('default', 'apfel beta', 4, 'customers/golden-beta');
INSERT INTO public.words VALUES ('default', 'beta', 3, 'customers/golden-beta');
INSERT INTO public.words VALUES ('default', 'beta apfel', 4, 'customers/golden-beta');
INSERT INTO public.words VALUES ('default', 'newer', 6, 'customers/golden-pair-new');
INSERT INTO public.words VALUES ('default', 'newer pair', 6, 'customers/golden-pair-new');
INSERT INTO public.words VALUES ('default', 'newer the', 6, 'customers/golden-pair-new');
INSERT INTO public.words VALUES ('default', 'pair', 5, 'customers/golden-pair-new');
INSERT INTO public.words VALUES ('default', 'pair newer', 6, 'customers/golden-pair-new');
INSERT INTO public.words VALUES ('default', 'pair the', 6, 'customers/golden-pair-new');
INSERT INTO public.words VALUES ('default', 'the', 6, 'customers/golden-pair-new');
INSERT INTO public.words VALUES ('default', 'the newer', 6, 'customers/golden-pair-new');
INSERT INTO public.words VALUES ('default', 'the pair', 6, 'customers/golden-pair-new');
INSERT INTO public.words VALUES ('default', 'older', 6, 'customers/golden-pair-old');
INSERT INTO public.words VALUES ('default', 'older pair', 6, 'customers/golden-pair-old');
INSERT INTO public.words VALUES ('default', 'older the', 6, 'customers/golden-pair-old');
INSERT INTO public.words VALUES ('default', 'pair', 5, 'customers/golden-pair-old');
INSERT INTO public.words VALUES ('default', 'pair older', 6, 'customers/golden-pair-old');
INSERT INTO public.words VALUES ('default', 'pair the', 6, 'customers/golden-pair-old');
INSERT INTO public.words VALUES ('default', 'the', 6, 'customers/golden-pair-old');
INSERT INTO public.words VALUES ('default', 'the older', 6, 'customers/golden-pair-old');
INSERT INTO public.words VALUES ('default', 'the pair', 6, 'customers/golden-pair-old');
INSERT INTO public.words VALUES ('default', 'anna', 3, 'contacts/golden-anna');
INSERT INTO public.words VALUES ('default', 'anna ince', 4, 'contacts/golden-anna');
INSERT INTO public.words VALUES ('default', 'ince', 4, 'contacts/golden-anna');
INSERT INTO public.words VALUES ('default', 'ince anna', 4, 'contacts/golden-anna');
INSERT INTO public.words VALUES ('default', 'bert', 3, 'contacts/golden-bert');
INSERT INTO public.words VALUES ('default', 'bert reuss', 4, 'contacts/golden-bert');
INSERT INTO public.words VALUES ('default', 'reuss', 4, 'contacts/golden-bert');
INSERT INTO public.words VALUES ('default', 'reuss bert', 4, 'contacts/golden-bert');
ALTER TABLE ONLY public._sqlx_migrations
    ADD CONSTRAINT _sqlx_migrations_pkey PRIMARY KEY (version);
ALTER TABLE ONLY public.affiliations
    ADD CONSTRAINT affiliations_pkey PRIMARY KEY (tenant_id, name);
ALTER TABLE ONLY public.buying_roles
    ADD CONSTRAINT buying_roles_pkey PRIMARY KEY (tenant_id, affiliation, claim_id);
ALTER TABLE ONLY public.changes
    ADD CONSTRAINT changes_pkey PRIMARY KEY (tenant_id, revision, "position");
ALTER TABLE ONLY public.colleagues
    ADD CONSTRAINT colleagues_pkey PRIMARY KEY (tenant_id, name);
ALTER TABLE ONLY public.contact_conversations
    ADD CONSTRAINT contact_conversations_pkey PRIMARY KEY (tenant_id, contact, start_time, conversation);
ALTER TABLE ONLY public.contacts
    ADD CONSTRAINT contacts_pkey PRIMARY KEY (tenant_id, name);
ALTER TABLE ONLY public.conversations
    ADD CONSTRAINT conversations_pkey PRIMARY KEY (tenant_id, name);
ALTER TABLE ONLY public.customer_channels
    ADD CONSTRAINT customer_channels_pkey PRIMARY KEY (tenant_id, customer, channel);
ALTER TABLE ONLY public.customers
    ADD CONSTRAINT customers_pkey PRIMARY KEY (tenant_id, name);
ALTER TABLE ONLY public.filing_progress
    ADD CONSTRAINT filing_progress_pkey PRIMARY KEY (tenant_id, kind);
ALTER TABLE ONLY public.history
    ADD CONSTRAINT history_pkey PRIMARY KEY (tenant_id, name, revision);
ALTER TABLE ONLY public.keys
    ADD CONSTRAINT keys_pkey PRIMARY KEY (tenant_id, kind, field, key, value, name);
ALTER TABLE ONLY public.notes
    ADD CONSTRAINT notes_pkey PRIMARY KEY (tenant_id, name);
ALTER TABLE ONLY public.personas
    ADD CONSTRAINT personas_pkey PRIMARY KEY (tenant_id, name);
ALTER TABLE ONLY public.promises
    ADD CONSTRAINT promises_pkey PRIMARY KEY (tenant_id, name);
ALTER TABLE ONLY public.requests
    ADD CONSTRAINT requests_pkey PRIMARY KEY (tenant_id, principal, method, request_id);
ALTER TABLE ONLY public.secrets
    ADD CONSTRAINT secrets_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.segments
    ADD CONSTRAINT segments_pkey PRIMARY KEY (tenant_id, name);
ALTER TABLE ONLY public.tenants
    ADD CONSTRAINT tenants_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.word_keys
    ADD CONSTRAINT word_keys_pkey PRIMARY KEY (tenant_id, key, word);
ALTER TABLE ONLY public.words
    ADD CONSTRAINT words_pkey PRIMARY KEY (tenant_id, word, size, name);
CREATE INDEX affiliations_by_contact ON public.affiliations USING btree (tenant_id, contact, name);
CREATE INDEX affiliations_by_create_time ON public.affiliations USING btree (tenant_id, create_time, name);
CREATE INDEX affiliations_by_customer ON public.affiliations USING btree (tenant_id, customer, name);
CREATE INDEX affiliations_by_customer_and_contact ON public.affiliations USING btree (tenant_id, customer, contact);
CREATE INDEX affiliations_by_department ON public.affiliations USING btree (tenant_id, department_order, name);
CREATE INDEX affiliations_by_job_title ON public.affiliations USING btree (tenant_id, job_title_order, name);
CREATE INDEX affiliations_by_manager ON public.affiliations USING btree (tenant_id, manager, name);
CREATE INDEX affiliations_by_update_time ON public.affiliations USING btree (tenant_id, update_time, name);
CREATE INDEX colleagues_by_create_time ON public.colleagues USING btree (tenant_id, create_time, name);
CREATE INDEX colleagues_by_display_name ON public.colleagues USING btree (tenant_id, display_name_order, name);
CREATE INDEX colleagues_by_update_time ON public.colleagues USING btree (tenant_id, update_time, name);
CREATE UNIQUE INDEX colleagues_principal ON public.colleagues USING btree (tenant_id, principal) WHERE (principal <> ''::text);
CREATE INDEX contact_conversations_by_conversation ON public.contact_conversations USING btree (tenant_id, conversation);
CREATE INDEX contacts_by_create_time ON public.contacts USING btree (tenant_id, create_time, name);
CREATE INDEX contacts_by_display_name ON public.contacts USING btree (tenant_id, display_name_order, name);
CREATE INDEX contacts_by_family_name ON public.contacts USING btree (tenant_id, family_name_order, name);
CREATE INDEX contacts_by_given_name ON public.contacts USING btree (tenant_id, given_name_order, name);
CREATE INDEX contacts_by_last_conversation ON public.contacts USING btree (tenant_id, last_conversation_start_time, name);
CREATE INDEX contacts_by_owner ON public.contacts USING btree (tenant_id, owner, name);
CREATE INDEX contacts_by_update_time ON public.contacts USING btree (tenant_id, update_time, name);
CREATE INDEX conversations_by_channel ON public.conversations USING btree (tenant_id, customer, channel, start_time) WHERE ((state = 'HELD'::text) AND (NOT broadcast) AND (visibility <> 'PRIVATE'::text) AND (delete_time IS NULL));
CREATE INDEX conversations_by_create_time ON public.conversations USING btree (tenant_id, create_time, name);
CREATE INDEX conversations_by_customer ON public.conversations USING btree (tenant_id, customer, start_time, name);
CREATE INDEX conversations_by_start_time ON public.conversations USING btree (tenant_id, start_time, name);
CREATE INDEX conversations_by_state ON public.conversations USING btree (tenant_id, state, start_time, name);
CREATE INDEX conversations_by_update_time ON public.conversations USING btree (tenant_id, update_time, name);
CREATE INDEX conversations_planned ON public.conversations USING btree (tenant_id, customer, start_time, name) WHERE ((state = 'PLANNED'::text) AND (delete_time IS NULL));
CREATE INDEX conversations_that_count ON public.conversations USING btree (tenant_id, customer, start_time DESC, name DESC) WHERE ((state = 'HELD'::text) AND (NOT broadcast) AND (visibility <> 'PRIVATE'::text) AND (delete_time IS NULL));
CREATE INDEX customers_by_annual_spend ON public.customers USING btree (tenant_id, annual_spend_currency_code, annual_spend_units, annual_spend_nanos, name);
CREATE INDEX customers_by_conversation_count ON public.customers USING btree (tenant_id, conversation_count, name);
CREATE INDEX customers_by_create_time ON public.customers USING btree (tenant_id, create_time, name);
CREATE INDEX customers_by_display_name ON public.customers USING btree (tenant_id, display_name_order, name);
CREATE INDEX customers_by_first_conversation_time ON public.customers USING btree (tenant_id, first_conversation_time, name);
CREATE INDEX customers_by_follow_up_due_time ON public.customers USING btree (tenant_id, follow_up_due_time, name);
CREATE INDEX customers_by_industry ON public.customers USING btree (tenant_id, business_industry, name);
CREATE INDEX customers_by_last_conversation ON public.customers USING btree (tenant_id, last_conversation_start_time, name);
CREATE INDEX customers_by_lifecycle ON public.customers USING btree (tenant_id, lifecycle, name);
CREATE INDEX customers_by_owner ON public.customers USING btree (tenant_id, owner, name);
CREATE INDEX customers_by_parent ON public.customers USING btree (tenant_id, parent, name);
CREATE INDEX customers_by_update_time ON public.customers USING btree (tenant_id, update_time, name);
CREATE INDEX keys_by_external_id ON public.keys USING btree (tenant_id, value, kind) WHERE (field = 'external_ids'::text);
CREATE UNIQUE INDEX keys_external_id ON public.keys USING btree (tenant_id, kind, key, value) WHERE (field = 'external_ids'::text);
CREATE INDEX keys_of_record ON public.keys USING btree (tenant_id, name);
CREATE INDEX notes_by_author ON public.notes USING btree (tenant_id, author, name);
CREATE INDEX notes_by_create_time ON public.notes USING btree (tenant_id, create_time, name);
CREATE INDEX notes_by_update_time ON public.notes USING btree (tenant_id, update_time, name);
CREATE INDEX notes_by_write_time ON public.notes USING btree (tenant_id, write_time, name);
CREATE INDEX personas_by_create_time ON public.personas USING btree (tenant_id, create_time, name);
CREATE INDEX personas_by_display_name ON public.personas USING btree (tenant_id, display_name_order, name);
CREATE INDEX personas_by_update_time ON public.personas USING btree (tenant_id, update_time, name);
CREATE INDEX promises_by_conversation ON public.promises USING btree (tenant_id, conversation, name);
CREATE INDEX promises_by_create_time ON public.promises USING btree (tenant_id, create_time, name);
CREATE INDEX promises_by_customer ON public.promises USING btree (tenant_id, customer, name);
CREATE INDEX promises_by_due_time ON public.promises USING btree (tenant_id, due_time, name);
CREATE INDEX promises_by_owner ON public.promises USING btree (tenant_id, owner, name);
CREATE INDEX promises_by_update_time ON public.promises USING btree (tenant_id, update_time, name);
CREATE INDEX promises_open ON public.promises USING btree (tenant_id, customer, due_time, name) WHERE ((complete_time IS NULL) AND (delete_time IS NULL));
CREATE INDEX requests_by_time ON public.requests USING btree (tenant_id, create_time);
CREATE INDEX segments_by_create_time ON public.segments USING btree (tenant_id, create_time, name);
CREATE INDEX segments_by_display_name ON public.segments USING btree (tenant_id, display_name_order, name);
CREATE INDEX segments_by_update_time ON public.segments USING btree (tenant_id, update_time, name);
