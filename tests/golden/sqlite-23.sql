PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE _sqlx_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    success BOOLEAN NOT NULL,
    checksum BLOB NOT NULL,
    execution_time BIGINT NOT NULL
);
INSERT INTO _sqlx_migrations VALUES(1,'0001_foundation','2026-11-30 12:40:53',1,X'4850dce832ba92ca0a9eec6cb71f9ecfafd188c88299212bcff335cfce5509d28ab9f5630f6124aca641820e369157fe',946186);
INSERT INTO _sqlx_migrations VALUES(2,'0002_customers','2026-11-30 12:40:53',1,X'0f04b98cab65920517b243abf60a01e51498b20af0fd35435ab8d597bf20f1bd43f66bdebacf07692a8e0494f1b729af',2704545);
INSERT INTO _sqlx_migrations VALUES(3,'0003_contacts','2026-11-30 12:40:53',1,X'7a73b644967ee879c1163e88747718b4235498711f1b97b0e1502de58e6135d37da82762f18ce29b9ae38e0da65e8d51',721478);
INSERT INTO _sqlx_migrations VALUES(4,'0004_affiliations','2026-11-30 12:40:53',1,X'154bff09af6c0a421d323bb7b56fd6c1aba78acd2246ac14375d2706c31e1767f9dd4e832554482859e1faf620d06de2',795184);
INSERT INTO _sqlx_migrations VALUES(5,'0005_colleagues','2026-11-30 12:40:53',1,X'c68ed33de49f75516373136d9339e4da4c64080df4ede6fcc27b0ed70a98c1aca920713e3e81d0fe8c183718e65c5fb2',783539);
INSERT INTO _sqlx_migrations VALUES(6,'0006_conversations','2026-11-30 12:40:53',1,X'7cb8834c37c49b4c01e38dbd33fd208191a7341d60d0f570fe398f0a49616b09f22c80632e98a75ca99ec678fe855754',721810);
INSERT INTO _sqlx_migrations VALUES(7,'0007_promises','2026-11-30 12:40:53',1,X'40466a7799ece1fbffbf8f57066349b28c4c00e848d2cc06b33ef16b8232c06779a11ed47021250b546ffb6620671fed',611455);
INSERT INTO _sqlx_migrations VALUES(8,'0008_notes','2026-11-30 12:40:53',1,X'2351a9d719e0f9182430c5c9632695c1b4ca60e9e0f32eb378133bd201223da58869031d37d9129308f9ce3b796e596a',552151);
INSERT INTO _sqlx_migrations VALUES(9,'0009_personas','2026-11-30 12:40:53',1,X'6caf83d94b60bdb57ceb45a4b28b7266fc452f04015b58f35453d30b3bebb0fee2cebed2e2f5b8173fd9bb7e91166644',1932304);
INSERT INTO _sqlx_migrations VALUES(10,'0010_segments','2026-11-30 12:40:53',1,X'de64bf12dfc0ce36ffa7ae5698d0359ef96d4b4c166e6aaa21d56aca6085198cdea6dbaf938512dab81d13a725ab1e9c',621458);
INSERT INTO _sqlx_migrations VALUES(11,'0011_relations','2026-11-30 12:40:53',1,X'6b3140d7a079d7f5666337fae2541251606b9308b520ecc6840a2bb3ed1e3f1dd4a19a07eab22ad1209ed1acc3778919',6721891);
INSERT INTO _sqlx_migrations VALUES(12,'0012_filters','2026-11-30 12:40:53',1,X'4ac212b40d27791d85217d4b1d8ee6c0d07dfccb90c357f30b7dccc8f5e9e97f32ed334e1c06391d6432be2941e7a5a1',8034927);
INSERT INTO _sqlx_migrations VALUES(13,'0013_words','2026-11-30 12:40:53',1,X'a4d33073852f560359036afb6bf44510d888459d5009222d2c16544e39e5ef166a8652b5f75b22a9d140c45cecdc3976',4012261);
INSERT INTO _sqlx_migrations VALUES(14,'0014_open_matters','2026-11-30 12:40:54',1,X'15518057b9646ad295eea9bc6e82eb9bf32c0d94e19cfebdd23a989e874dab5b606bb1cf39b382d9793ef6ac67d7501a',4002415);
INSERT INTO _sqlx_migrations VALUES(15,'0015_people_of_customer','2026-11-30 12:40:54',1,X'90752d6dc703e0862cbd36ece8a7d96678267b2d2526dd91f372a2c763c7024fb9e7f3b7caf4988d4c221cfe8a36245d',4016038);
INSERT INTO _sqlx_migrations VALUES(16,'0016_filing','2026-11-30 19:56:23',1,X'5753c28daa2a9fe6add224185d1eba0cb4c4870dbc1d3007e291ed1527e888fe712529d5adb86da45f0d661286dc6c17',7073220);
INSERT INTO _sqlx_migrations VALUES(17,'0017_api_names','2026-11-30 19:56:23',1,X'89b0fe28cce0a35d535971b3b4d7634aa5204b3c3e3cfdfa0d54f73ed70ed4af2066c100ca220d8dc51ac1d45b46d9a7',11577805);
INSERT INTO _sqlx_migrations VALUES(18,'0018_tenant_settings','2026-11-30 19:56:23',1,X'd84b3c90d43f5578bae810fccb2f0ebc087d0dfd5ebbe7761cc814d88483818de32d23af6c08d83b8b6f7dd8f58aa1e0',936606);
INSERT INTO _sqlx_migrations VALUES(19,'0019_order','2026-11-30 19:56:23',1,X'ef5f0038736edfaee18c206a20d8ffeda725fc8e30aa22c564042df4205ab46b263f2a941bec7405908e62f9dab8a223',18502394);
INSERT INTO _sqlx_migrations VALUES(20,'0020_promise_sides','2026-11-30 19:56:23',1,X'f63ecdfdb64b813e049eaff1847af8765d9b3ca93fb5b0acd71cf7c5072a6edf3822277368dd074953eec12f9a24030e',769443);
INSERT INTO _sqlx_migrations VALUES(21,'0021_channel_use','2026-11-30 19:56:23',1,X'86d2398fd9742e57b923a700ea31e133850cd9f9eeb36d88c01478b38b5784777a6af620f7f201fd062edef4cafd0228',3824166);
INSERT INTO _sqlx_migrations VALUES(22,'0022_last_names','2026-11-30 19:56:23',1,X'd07d944efdadbe55833e30ad560eb65d4756a7e9df2985d03150fa1ed5306618f28548b20b6f4dfbc61baa4cb79e35ec',25438624);
INSERT INTO _sqlx_migrations VALUES(23,'0023_contact_conversations','2026-11-30 19:56:23',1,X'0ac569b5f996856cf6ea9a4c489d042c2afa4d17d29cbda0e9b7ab2936f8c73c080ba2435f5874336b18c59c080b30b2',850966);
CREATE TABLE tenants (
  id text not null primary key,
  revision integer not null default 0
, region_code text not null default '') strict;
INSERT INTO tenants VALUES('default',25,'');
CREATE TABLE secrets (
  name text not null primary key,
  value blob not null
) strict;
INSERT INTO secrets VALUES('token',X'7c8fe7752e2e4ad8b39cd893181419e63b2918193c1bf5c59f6965352fa15716');
CREATE TABLE keys (
  tenant_id text not null,
  kind text not null,
  field text not null,
  key text not null,
  value text not null,
  name text not null,
  primary key (tenant_id, kind, field, key, value, name)
) strict, without rowid;
INSERT INTO keys VALUES('default','colleagues','emails','','mia@golden.example','colleagues/mia');
INSERT INTO keys VALUES('default','contacts','emails','','anna@alpha.example','contacts/golden-anna');
INSERT INTO keys VALUES('default','contacts','phone_numbers','','+436645550102','contacts/golden-anna');
INSERT INTO keys VALUES('default','contacts','phone_numbers','','n6645550102','contacts/golden-anna');
INSERT INTO keys VALUES('default','conversations','contacts','','contacts/golden-anna','conversations/golden-talk');
INSERT INTO keys VALUES('default','customers','business.domains','','alpha.example','customers/golden-alpha');
INSERT INTO keys VALUES('default','customers','business.domains','','münchen.example','customers/golden-alpha');
INSERT INTO keys VALUES('default','customers','business.domains','host','xn--mnchen-3ya.example','customers/golden-alpha');
INSERT INTO keys VALUES('default','customers','emails','','office@alpha.example','customers/golden-alpha');
INSERT INTO keys VALUES('default','customers','external_ids','crm','A-1','customers/golden-alpha');
INSERT INTO keys VALUES('default','customers','labels','tier','gold','customers/golden-alpha');
INSERT INTO keys VALUES('default','customers','phone_numbers','','+4315550101','customers/golden-alpha');
INSERT INTO keys VALUES('default','customers','phone_numbers','','n15550101','customers/golden-alpha');
INSERT INTO keys VALUES('default','customers','tags','','first','customers/golden-alpha');
INSERT INTO keys VALUES('default','customers','emails','','pair@new.example','customers/golden-pair-new');
INSERT INTO keys VALUES('default','customers','unfiled_external_ids','crm','Z-9','customers/golden-pair-new');
INSERT INTO keys VALUES('default','customers','external_ids','crm','Z-9','customers/golden-pair-old');
INSERT INTO keys VALUES('default','notes','records','','customers/golden-alpha','notes/golden-note');
INSERT INTO keys VALUES('default','segments','members','','customers/golden-alpha','segments/golden-list');
INSERT INTO keys VALUES('default','segments','members','','customers/golden-gone','segments/golden-list');
INSERT INTO keys VALUES('default','segments','filter','','segments/golden-claims','segments/golden-nested');
CREATE TABLE requests (
  tenant_id text not null,
  principal text not null,
  method text not null,
  request_id text not null,
  hash text not null,
  outcome text not null,
  revision integer not null,
  create_time integer not null,
  primary key (tenant_id, principal, method, request_id)
) strict;
CREATE TABLE changes (
  tenant_id text not null,
  revision integer not null,
  position integer not null,
  kind text not null,
  name text not null,
  action text not null,
  changed_paths text not null,
  customers text not null,
  actor text not null,
  origin text not null,
  request_id text not null,
  commit_time integer not null,
  derived integer not null,
  primary key (tenant_id, revision, position)
) strict;
INSERT INTO changes VALUES('default',1,0,'colleagues','colleagues/mia','CREATED','[]','[]','local','','',1796042464259133,0);
INSERT INTO changes VALUES('default',2,0,'customers','customers/golden-alpha','CREATED','[]','["customers/golden-alpha"]','colleagues/mia','','',1796042464374512,0);
INSERT INTO changes VALUES('default',3,0,'customers','customers/golden-beta','CREATED','[]','["customers/golden-beta"]','local','','',1796042464381709,0);
INSERT INTO changes VALUES('default',4,0,'customers','customers/golden-gone','CREATED','[]','["customers/golden-gone"]','local','','',1796042464385602,0);
INSERT INTO changes VALUES('default',5,0,'contacts','contacts/golden-anna','CREATED','[]','[]','local','','',1796042464392872,0);
INSERT INTO changes VALUES('default',6,0,'contacts','contacts/golden-bert','CREATED','[]','[]','local','','',1796042464397208,0);
INSERT INTO changes VALUES('default',7,0,'affiliations','affiliations/golden-anna-alpha','CREATED','[]','["customers/golden-alpha"]','local','','',1796042464403789,0);
INSERT INTO changes VALUES('default',8,0,'affiliations','affiliations/golden-bert-alpha','CREATED','[]','["customers/golden-alpha"]','local','','',1796042464406687,0);
INSERT INTO changes VALUES('default',9,0,'conversations','conversations/golden-talk','CREATED','[]','["customers/golden-alpha"]','colleagues/mia','','',1796042464409645,0);
INSERT INTO changes VALUES('default',9,1,'customers','customers/golden-alpha','UPDATED','["last_conversation"]','["customers/golden-alpha"]','colleagues/mia','','',1796042464409645,1);
INSERT INTO changes VALUES('default',9,2,'contacts','contacts/golden-anna','UPDATED','["last_conversation"]','["customers/golden-alpha"]','colleagues/mia','','',1796042464409645,1);
INSERT INTO changes VALUES('default',10,0,'conversations','conversations/golden-plan','CREATED','[]','["customers/golden-beta"]','colleagues/mia','','',1796042464414770,0);
INSERT INTO changes VALUES('default',11,0,'conversations','conversations/golden-private','CREATED','[]','["customers/golden-alpha"]','colleagues/mia','','',1796042464418324,0);
INSERT INTO changes VALUES('default',12,0,'affiliations','affiliations/golden-anna-alpha','UPDATED','["buying_roles"]','["customers/golden-alpha"]','local','','',1796042464420862,0);
INSERT INTO changes VALUES('default',13,0,'affiliations','affiliations/golden-bert-alpha','UPDATED','["buying_roles"]','["customers/golden-alpha"]','local','','',1796042464424526,0);
INSERT INTO changes VALUES('default',14,0,'promises','promises/golden-ours','CREATED','[]','["customers/golden-alpha"]','local','','',1796042464427607,0);
INSERT INTO changes VALUES('default',15,0,'promises','promises/golden-theirs','CREATED','[]','["customers/golden-alpha"]','local','','',1796042464430225,0);
INSERT INTO changes VALUES('default',16,0,'notes','notes/golden-note','CREATED','[]','["customers/golden-alpha"]','colleagues/mia','','',1796042464433011,0);
INSERT INTO changes VALUES('default',17,0,'segments','segments/golden-claims','CREATED','[]','[]','local','','',1796042464444910,0);
INSERT INTO changes VALUES('default',18,0,'segments','segments/golden-permissions','CREATED','[]','[]','local','','',1796042464447592,0);
INSERT INTO changes VALUES('default',19,0,'segments','segments/golden-nested','CREATED','[]','[]','local','','',1796042464449833,0);
INSERT INTO changes VALUES('default',20,0,'segments','segments/golden-list','CREATED','[]','[]','local','','',1796042464453486,0);
INSERT INTO changes VALUES('default',21,0,'personas','personas/golden-persona','CREATED','[]','[]','local','','',1796042464458418,0);
INSERT INTO changes VALUES('default',22,0,'customers','customers/golden-beta','UPDATED','["contact_permissions","locked_paths"]','["customers/golden-beta"]','local','','',1796042464461496,0);
INSERT INTO changes VALUES('default',23,0,'customers','customers/golden-gone','DELETED','["delete_time"]','["customers/golden-gone"]','local','','',1796042464465725,0);
INSERT INTO changes VALUES('default',24,0,'customers','customers/golden-pair-old','CREATED','[]','["customers/golden-pair-old"]','local','','',1796042464470558,0);
INSERT INTO changes VALUES('default',25,0,'customers','customers/golden-pair-new','CREATED','[]','["customers/golden-pair-new"]','local','','',1796042464474250,0);
CREATE TABLE history (
  tenant_id text not null,
  name text not null,
  revision integer not null,
  body blob not null,
  primary key (tenant_id, name, revision)
) strict;
INSERT INTO history VALUES('default','colleagues/mia',1,X'0a0e636f6c6c6561677565732f6d69611214572f2239333665343839643766366164373534221a0b08e0ddb5d80610c89cc87b220b08e0ddb5d80610c89cc87ba2010a4d696120476f6c64656eaa01140a126d696140676f6c64656e2e6578616d706c65b80101');
INSERT INTO history VALUES('default','customers/golden-alpha',2,X'0a16637573746f6d6572732f676f6c64656e2d616c7068611214572f2261363837303263323265636338333361221a0c08e0ddb5d8061080b3cab201220c08e0ddb5d8061080b3cab201320c0a04746965721204676f6c643a056669727374422e0a180a046e6f746512101a0e2274696d65223a2071756f7465640a120a0b76616c69645f756e74696c12031a01784a0a0a0363726d1203412d31a2010c476f6c64656e20416c706861a80101b80102c201490a19476f6c64656e20416c7068612053747261c39f6520476d6248120d616c7068612e6578616d706c6512106dc3bc6e6368656e2e6578616d706c6522096d616368696e6572793078d2010c120a120241543a045769656eda01160a144f666669636540416c7068612e4578616d706c65e2011c0a0d2b343320312035353530313031120b2b343331353535303130319202080a0345555210b009aa022210011a0e2274696d65223a206f6620646179220608a0b58bbe06320608a08395dc06aa020c0804100222060880d9acbf06b202050880ceda03ba020561626f7574ba0213636f6e746163745f7065726d697373696f6e73c00203e2020e636f6c6c6561677565732f6d6961');
INSERT INTO history VALUES('default','customers/golden-beta',3,X'0a15637573746f6d6572732f676f6c64656e2d626574611214572f2239646534306262366537663130303038221a0c08e0ddb5d80610c8d581b601220c08e0ddb5d80610c8d581b601a2010b6265746120c3847066656ca801019a0216637573746f6d6572732f676f6c64656e2d616c706861');
INSERT INTO history VALUES('default','customers/golden-gone',4,X'0a15637573746f6d6572732f676f6c64656e2d676f6e651214572f2262366135303866303933656439646333221a0c08e0ddb5d80610d0a3efb701220c08e0ddb5d80610d0a3efb701a2010b476f6c64656e20476f6e65');
INSERT INTO history VALUES('default','contacts/golden-anna',5,X'0a14636f6e74616374732f676f6c64656e2d616e6e611214572f2262323039316533646530313730366337221a0c08e0ddb5d80610c080abbb01220c08e0ddb5d80610c080abbb01a2010a416e6e6120c4b06e6365aa0104416e6e61b20105c4b06e6365da01140a12616e6e6140616c7068612e6578616d706c65e201200a0f2b3433203636342035353530313032120d2b343336363435353530313032aa020c0802100222060880f3cac006');
INSERT INTO history VALUES('default','contacts/golden-bert',6,X'0a14636f6e74616374732f676f6c64656e2d626572741214572f2238623631323835666665313230656666221a0c08e0ddb5d80610c0d3b3bd01220c08e0ddb5d80610c0d3b3bd01a2010a4265727420526575c39faa010442657274b20105526575c39f');
INSERT INTO history VALUES('default','affiliations/golden-anna-alpha',7,X'0a1e616666696c696174696f6e732f676f6c64656e2d616e6e612d616c7068611214572f2239626463623036653934376361333165221a0c08e0ddb5d80610c8a9c5c001220c08e0ddb5d80610c8a9c5c001a20114636f6e74616374732f676f6c64656e2d616e6e61aa0116637573746f6d6572732f676f6c64656e2d616c706861b2010e48656164206f6620427579696e67c00102d00101');
INSERT INTO history VALUES('default','affiliations/golden-bert-alpha',8,X'0a1e616666696c696174696f6e732f676f6c64656e2d626572742d616c7068611214572f2262323230653361356665353933613439221a0c08e0ddb5d80610989af6c101220c08e0ddb5d80610989af6c101a20114636f6e74616374732f676f6c64656e2d62657274aa0116637573746f6d6572732f676f6c64656e2d616c706861b2011376616c69645f756e74696c202274696d65223ada010708e40f10011801');
INSERT INTO history VALUES('default','conversations/golden-talk',9,X'0a19636f6e766572736174696f6e732f676f6c64656e2d74616c6b1214572f2262356233643131316633653838353562221a0c08e0ddb5d80610c8dfaac301220c08e0ddb5d80610c8dfaac301a20116637573746f6d6572732f676f6c64656e2d616c706861aa0114636f6e74616374732f676f6c64656e2d616e6e61b80102c00102c80101da01060890f286cc06ea01085370696e646c6573f2010d57616e747320612071756f74659002019a020e636f6c6c6561677565732f6d6961');
INSERT INTO history VALUES('default','conversations/golden-plan',10,X'0a19636f6e766572736174696f6e732f676f6c64656e2d706c616e1214572f2262323563363566623965336135343934221a0c08e0ddb5d80610d0c6e3c501220c08e0ddb5d80610d0c6e3c501a20115637573746f6d6572732f676f6c64656e2d62657461b80101c80102da01060890b19f8807ea010556697369749002019a020e636f6c6c6561677565732f6d6961');
INSERT INTO history VALUES('default','conversations/golden-private',11,X'0a1c636f6e766572736174696f6e732f676f6c64656e2d707269766174651214572f2238346461666364323266613730613966221a0c08e0ddb5d80610a0bcbcc701220c08e0ddb5d80610a0bcbcc701a20116637573746f6d6572732f676f6c64656e2d616c706861c80101da01060890c69acd06f2010a6265747765656e2075739002029a020e636f6c6c6561677565732f6d6961');
INSERT INTO history VALUES('default','affiliations/golden-anna-alpha',12,X'0a1e616666696c696174696f6e732f676f6c64656e2d616e6e612d616c7068611214572f2239626234363865316133333630386638221a0c08e0ddb5d80610c8a9c5c001220c08e0ddb5d80610b0b0d7c801a20114636f6e74616374732f676f6c64656e2d616e6e61aa0116637573746f6d6572732f676f6c64656e2d616c706861b2010e48656164206f6620427579696e67c00102d00101ea01750a2430316132326337392d316361342d373433382d623062632d30636664663364623535633810011a0e2276616c69645f756e74696c223a20033a0708e90f10011801420708ef0f100118014a0c08e0ddb5d80610b881cac8015219636f6e766572736174696f6e732f676f6c64656e2d74616c6b');
INSERT INTO history VALUES('default','affiliations/golden-bert-alpha',13,X'0a1e616666696c696174696f6e732f676f6c64656e2d626572742d616c7068611214572f2239663134656661393434623633613364221a0c08e0ddb5d80610989af6c101220c08e0ddb5d80610b081b7ca01a20114636f6e74616374732f676f6c64656e2d62657274aa0116637573746f6d6572732f676f6c64656e2d616c706861b2011376616c69645f756e74696c202274696d65223ada010708e40f10011801ea01380a2430316132326337392d316361382d373638332d613164312d35353363346265626561653010032001320363726d3a0708e80f10061801');
INSERT INTO history VALUES('default','promises/golden-ours',14,X'0a1470726f6d697365732f676f6c64656e2d6f7572731214572f2262623638626461656233343865323537221a0c08e0ddb5d80610d887f3cb01220c08e0ddb5d80610d887f3cb01a20116637573746f6d6572732f676f6c64656e2d616c706861b20119636f6e766572736174696f6e732f676f6c64656e2d74616c6bba010e53656e64207468652071756f7465c00101ca010e636f6c6c6561677565732f6d6961d201060880838ecd06');
INSERT INTO history VALUES('default','promises/golden-theirs',15,X'0a1670726f6d697365732f676f6c64656e2d7468656972731214572f2262353531346565396537326437383465221a0c08e0ddb5d80610e8ec92cd01220c08e0ddb5d80610e8ec92cd01a20116637573746f6d6572732f676f6c64656e2d616c706861ba011155533a2073656e642064726177696e6773c00102');
INSERT INTO history VALUES('default','notes/golden-note',16,X'0a116e6f7465732f676f6c64656e2d6e6f74651214572f2261333039356264303030393339353265221a0c08e0ddb5d80610b8f2bcce01220c08e0ddb5d80610b8f2bcce01a20116637573746f6d6572732f676f6c64656e2d616c706861aa01174f6c6420667269656e64206f662074686520686f757365ba010c08e0ddb5d80610b8f2bcce01c2010e636f6c6c6561677565732f6d6961d00101');
INSERT INTO history VALUES('default','segments/golden-claims',17,X'0a167365676d656e74732f676f6c64656e2d636c61696d731214572f2239353035316136366437633832386436221a0c08e0ddb5d80610b09393d401220c08e0ddb5d80610b09393d401a2010f436c61696d7320696e20666f726365b20172616666696c696174696f6e732e627579696e675f726f6c65732e76616c69645f66726f6d203c3d2022323032362d30312d30312220414e44204e4f5420616666696c696174696f6e732e627579696e675f726f6c65732e76616c69645f756e74696c203c3d2022323032362d30312d303122');
INSERT INTO history VALUES('default','segments/golden-permissions',18,X'0a1b7365676d656e74732f676f6c64656e2d7065726d697373696f6e731214572f2238663439326433623361646535393030221a0c08e0ddb5d80610c0ecb6d501220c08e0ddb5d80610c0ecb6d501a2010b5065726d697373696f6e73b2015d636f6e746163745f7065726d697373696f6e732e74696d65203e3d2022323032352d30322d30315430303a30303a30305a2220414e44204e4f542061626f7574203d2022636f6e746163745f7065726d697373696f6e732e74696d6522');
INSERT INTO history VALUES('default','segments/golden-nested',19,X'0a167365676d656e74732f676f6c64656e2d6e65737465641214572f2238323764366538373962336439303833221a0c08e0ddb5d80610a8d0bfd601220c08e0ddb5d80610a8d0bfd601a201064e6573746564b201407365676d656e743a227365676d656e74732f676f6c64656e2d636c61696d7322204f5220646973706c61795f6e616d65203d202276616c69645f756e74696c22');
INSERT INTO history VALUES('default','segments/golden-list',20,X'0a147365676d656e74732f676f6c64656e2d6c6973741214572f2238623462383535333738366563356336221a0c08e0ddb5d80610b0cb9ed801220c08e0ddb5d80610b0cb9ed801a201065069636b6564ba012f0a16637573746f6d6572732f676f6c64656e2d616c7068610a15637573746f6d6572732f676f6c64656e2d676f6e65');
INSERT INTO history VALUES('default','personas/golden-persona',21,X'0a17706572736f6e61732f676f6c64656e2d706572736f6e611214572f2238653836393537666164626135613334221a0c08e0ddb5d80610d0cecbda01220c08e0ddb5d80610d0cecbda01a2010c4361726566756c204361726ca80101a2025428616666696c696174696f6e732e627579696e675f726f6c65732e76616c69645f756e74696c203e2022323032372d30312d303122204f5220636f6e746163745f7065726d697373696f6e732e74696d653a2a29aa020f0a0d4465636964657320616c6f6e65aa02450a0f486173207065726d697373696f6e731232636f6e746163745f7065726d697373696f6e732e74696d65203e3d2022323032352d30312d30315430303a30303a30305a22');
INSERT INTO history VALUES('default','customers/golden-beta',22,X'0a15637573746f6d6572732f676f6c64656e2d626574611214572f2262626134646339666663353139373333221a0c08e0ddb5d80610c8d581b601220c08e0ddb5d80610c0bd87dc01a2010b6265746120c3847066656ca801019a0216637573746f6d6572732f676f6c64656e2d616c706861aa020a100122060880b0eec106ba0213636f6e746163745f7065726d697373696f6e73');
INSERT INTO history VALUES('default','customers/golden-gone',23,X'0a15637573746f6d6572732f676f6c64656e2d676f6e651214572f2262396236343238346634663238393635221a0c08e0ddb5d80610d0a3efb701220c08e0ddb5d80610c8cc89de012a0c08e0ddb5d80610c8cc89de01a2010b476f6c64656e20476f6e65');
INSERT INTO history VALUES('default','customers/golden-pair-old',24,X'0a19637573746f6d6572732f676f6c64656e2d706169722d6f6c641214572f2238643062636239383865626334316233221a0c08e0ddb5d80610b0cab0e001220c08e0ddb5d80610b0cab0e0014a0a0a0363726d12035a2d39a2010f506169722c20746865206f6c646572');
INSERT INTO history VALUES('default','customers/golden-pair-new',25,X'0a19637573746f6d6572732f676f6c64656e2d706169722d6e65771214572f2238363462643534616237363731643761221a0c08e0ddb5d8061090f691e201220c08e0ddb5d8061090f691e2014a0d0a0363726d12065ae2808b2d39a2010f506169722c20746865206e65776572da01120a1070616972406e65772e6578616d706c65');
CREATE TABLE customers (
  tenant_id text not null,
  name text not null,
  etag text not null,
  create_time integer not null,
  update_time integer not null,
  delete_time integer,
  labels text not null,
  tags text not null,
  attributes text not null,
  external_ids text not null,
  deleted_with text not null,
  display_name text not null,
  kind text not null,
  audience text not null,
  lifecycle text not null,
  business_legal_name text not null,
  business_domains text not null,
  business_industry_code text not null,
  business_industry text not null,
  business_sub_industry text not null,
  business_employee_count integer,
  business_founded_year integer,
  business_annual_revenue_currency_code text not null,
  business_annual_revenue_units integer not null,
  business_annual_revenue_nanos integer not null,
  individual_given_name text not null,
  individual_family_name text not null,
  individual_birth_year integer,
  individual_gender text not null,
  individual_occupation text not null,
  individual_education_level text not null,
  addresses text not null,
  emails text not null,
  phone_numbers text not null,
  uris text not null,
  about text not null,
  engagement_visit_count integer,
  engagement_first_visit_time integer,
  engagement_last_visit_time integer,
  engagement_intent text not null,
  engagement_preferred_channels text not null,
  needs text not null,
  customer_since_time integer,
  annual_spend_currency_code text not null,
  annual_spend_units integer not null,
  annual_spend_nanos integer not null,
  parent text not null,
  upstream_customers text not null,
  contact_permissions text not null,
  follow_up_interval integer,
  locked_paths text not null,
  size text not null, owner text not null default '', last_conversation text not null default '', last_conversation_start_time integer, follow_up_due_time integer generated always as (coalesce(last_conversation_start_time, create_time) + follow_up_interval) virtual, folded text not null default '{}', display_name_order text not null default '', conversation_count integer not null default 0, first_conversation_time integer,
  primary key (tenant_id, name)
) strict;
INSERT INTO customers VALUES('default','customers/golden-alpha','W/"a68702c22ecc833a"',1796042464374512,1796042464374512,NULL,'{"tier":"gold"}','["first"]','{"note":"\"time\": quoted","valid_until":"x"}','[{"id":"A-1","system":"crm"}]','','Golden Alpha','BUSINESS','AUDIENCE_UNSPECIFIED','ACTIVE','Golden Alpha Straße GmbH','["alpha.example","münchen.example"]','','machinery','',120,NULL,'',0,0,'','',NULL,'','','','[{"postal_address":{"locality":"Wien","region_code":"AT"}}]','[{"address":"Office@Alpha.Example"}]','[{"e164":"+4315550101","text":"+43 1 5550101"}]','[]','',NULL,NULL,NULL,'','[]','[]',NULL,'EUR',1200,0,'','[]','[{"expire_time":"2027-03-01T10:00:00Z","purpose":"\"time\": of day","record_time":"2025-03-01T10:00:00Z","status":"ALLOWED"},{"channel":"EMAIL","record_time":"2025-04-01T00:00:00Z","status":"REFUSED"}]',7776000000000,'["about","contact_permissions"]','MEDIUM','colleagues/mia','conversations/golden-talk',1770109200000000,'{"addresses":[{"postal_address":{"locality":"wien","region_code":"at"}}],"annual_spend":{"currency_code":"eur"},"attributes":{"note":"\"time\": quoted","valid_until":"x"},"business":{"domains":["alpha.example","münchen.example"],"industry":"machinery","legal_name":"golden alpha strasse gmbh"},"contact_permissions":[{"purpose":"\"time\": of day"},{}],"display_name":"golden alpha","emails":[{"address":"office@alpha.example"}],"etag":"w/\"a68702c22ecc833a\"","external_ids":[{"id":"a-1","system":"crm"}],"follow_up_interval":{},"labels":{"tier":"gold"},"locked_paths":["about","contact_permissions"],"name":"customers/golden-alpha","owner":"colleagues/mia","phone_numbers":[{"e164":"+4315550101","text":"+43 1 5550101"}],"tags":["first"]}','golden alpha',1,1770109200000000);
INSERT INTO customers VALUES('default','customers/golden-beta','W/"bba4dc9ffc519733"',1796042464381709,1796042464461496,NULL,'{}','[]','{}','[]','','beta Äpfel','BUSINESS','AUDIENCE_UNSPECIFIED','LIFECYCLE_UNSPECIFIED','','[]','','','',NULL,NULL,'',0,0,'','',NULL,'','','','[]','[]','[]','[]','',NULL,NULL,NULL,'','[]','[]',NULL,'',0,0,'customers/golden-alpha','[]','[{"record_time":"2025-06-01T00:00:00Z","status":"ALLOWED"}]',NULL,'["contact_permissions"]','SIZE_UNSPECIFIED','','',NULL,'{"contact_permissions":[{}],"display_name":"beta äpfel","etag":"w/\"bba4dc9ffc519733\"","locked_paths":["contact_permissions"],"name":"customers/golden-beta","parent":"customers/golden-alpha"}','beta apfel',0,NULL);
INSERT INTO customers VALUES('default','customers/golden-gone','W/"b9b64284f4f28965"',1796042464385602,1796042464465725,1796042464465725,'{}','[]','{}','[]','','Golden Gone','KIND_UNSPECIFIED','AUDIENCE_UNSPECIFIED','LIFECYCLE_UNSPECIFIED','','[]','','','',NULL,NULL,'',0,0,'','',NULL,'','','','[]','[]','[]','[]','',NULL,NULL,NULL,'','[]','[]',NULL,'',0,0,'','[]','[]',NULL,'[]','SIZE_UNSPECIFIED','','',NULL,'{"display_name":"golden gone","etag":"w/\"b9b64284f4f28965\"","name":"customers/golden-gone"}','golden gone',0,NULL);
INSERT INTO customers VALUES('default','customers/golden-pair-old','W/"8d0bcb988ebc41b3"',1796042464470558,1796042464470558,NULL,'{}','[]','{}','[{"id":"Z-9","system":"crm"}]','','Pair, the older','KIND_UNSPECIFIED','AUDIENCE_UNSPECIFIED','LIFECYCLE_UNSPECIFIED','','[]','','','',NULL,NULL,'',0,0,'','',NULL,'','','','[]','[]','[]','[]','',NULL,NULL,NULL,'','[]','[]',NULL,'',0,0,'','[]','[]',NULL,'[]','SIZE_UNSPECIFIED','','',NULL,'{"display_name":"pair, the older","etag":"w/\"8d0bcb988ebc41b3\"","external_ids":[{"id":"z-9","system":"crm"}],"name":"customers/golden-pair-old"}','pair, the older',0,NULL);
INSERT INTO customers VALUES('default','customers/golden-pair-new','W/"864bd54ab7671d7a"',1796042464474250,1796042464474250,NULL,'{}','[]','{}','[{"id":"Z​-9","system":"crm"}]','','Pair, the newer','KIND_UNSPECIFIED','AUDIENCE_UNSPECIFIED','LIFECYCLE_UNSPECIFIED','','[]','','','',NULL,NULL,'',0,0,'','',NULL,'','','','[]','[{"address":"pair@new.example"}]','[]','[]','',NULL,NULL,NULL,'','[]','[]',NULL,'',0,0,'','[]','[]',NULL,'[]','SIZE_UNSPECIFIED','','',NULL,'{"display_name":"pair, the newer","emails":[{"address":"pair@new.example"}],"etag":"w/\"864bd54ab7671d7a\"","external_ids":[{"id":"z-9","system":"crm"}],"name":"customers/golden-pair-new"}','pair, the newer',0,NULL);
CREATE TABLE contacts (
  tenant_id text not null,
  name text not null,
  etag text not null,
  create_time integer not null,
  update_time integer not null,
  delete_time integer,
  labels text not null,
  tags text not null,
  attributes text not null,
  external_ids text not null,
  deleted_with text not null,
  display_name text not null,
  given_name text not null,
  family_name text not null,
  gender text not null,
  birth_year integer,
  occupation text not null,
  education_level text not null,
  emails text not null,
  phone_numbers text not null,
  addresses text not null,
  uris text not null,
  preferred_channels text not null,
  language_code text not null,
  time_zone text not null,
  about text not null,
  likes text not null,
  dislikes text not null,
  contact_permissions text not null,
  locked_paths text not null, owner text not null default '', last_conversation text not null default '', last_conversation_start_time integer, folded text not null default '{}', display_name_order text not null default '', family_name_order text not null default '', given_name_order text not null default '',
  primary key (tenant_id, name)
) strict;
INSERT INTO contacts VALUES('default','contacts/golden-anna','W/"b2091e3de01706c7"',1796042464392872,1796042464392872,NULL,'{}','[]','{}','[]','','Anna İnce','Anna','İnce','',NULL,'','','[{"address":"anna@alpha.example"}]','[{"e164":"+436645550102","text":"+43 664 5550102"}]','[]','[]','[]','','','','[]','[]','[{"channel":"PHONE","record_time":"2025-05-01T00:00:00Z","status":"REFUSED"}]','[]','','conversations/golden-talk',1770109200000000,'{"contact_permissions":[{}],"display_name":"anna ince","emails":[{"address":"anna@alpha.example"}],"etag":"w/\"b2091e3de01706c7\"","family_name":"ince","given_name":"anna","name":"contacts/golden-anna","phone_numbers":[{"e164":"+436645550102","text":"+43 664 5550102"}]}','anna ince','ince','anna');
INSERT INTO contacts VALUES('default','contacts/golden-bert','W/"8b61285ffe120eff"',1796042464397208,1796042464397208,NULL,'{}','[]','{}','[]','','Bert Reuß','Bert','Reuß','',NULL,'','','[]','[]','[]','[]','[]','','','','[]','[]','[]','[]','','',NULL,'{"display_name":"bert reuss","etag":"w/\"8b61285ffe120eff\"","family_name":"reuss","given_name":"bert","name":"contacts/golden-bert"}','bert reuss','reuss','bert');
CREATE TABLE affiliations (
  tenant_id text not null,
  name text not null,
  etag text not null,
  create_time integer not null,
  update_time integer not null,
  delete_time integer,
  labels text not null,
  tags text not null,
  attributes text not null,
  external_ids text not null,
  deleted_with text not null,
  contact text not null,
  customer text not null,
  job_title text not null,
  department text not null,
  seniority text not null,
  manager text not null,
  "primary" integer not null,
  start_date text not null,
  end_date text not null,
  buying_roles text not null, folded text not null default '{}', job_title_order text not null default '', department_order text not null default '',
  primary key (tenant_id, name)
) strict;
INSERT INTO affiliations VALUES('default','affiliations/golden-anna-alpha','W/"9bb468e1a33608f8"',1796042464403789,1796042464420862,NULL,'{}','[]','{}','[]','','contacts/golden-anna','customers/golden-alpha','Head of Buying','','EXECUTIVE','',1,'','','[{"claim_id":"01a22c79-1ca4-7438-b0bc-0cfdf3db55c8","end_date":{"day":1,"month":1,"year":2031},"evidence":"CONFIRMED","role":"DECISION_MAKER","scope":"\"valid_until\":","source":"conversations/golden-talk","start_date":{"day":1,"month":1,"year":2025},"verify_time":"2026-11-30T12:41:04.420643Z"}]','{"buying_roles":[{"claim_id":"01a22c79-1ca4-7438-b0bc-0cfdf3db55c8","end_date":{},"scope":"\"valid_until\":","source":"conversations/golden-talk","start_date":{}}],"contact":"contacts/golden-anna","customer":"customers/golden-alpha","etag":"w/\"9bb468e1a33608f8\"","job_title":"head of buying","name":"affiliations/golden-anna-alpha"}','head of buying','');
INSERT INTO affiliations VALUES('default','affiliations/golden-bert-alpha','W/"9f14efa944b63a3d"',1796042464406687,1796042464424526,NULL,'{}','[]','{}','[]','','contacts/golden-bert','customers/golden-alpha','valid_until "time":','','SENIORITY_UNSPECIFIED','',0,'2020-01-01','','[{"claim_id":"01a22c79-1ca8-7683-a1d1-553c4bebeae0","evidence":"INFERRED","role":"BUDGET_HOLDER","start_date":{"day":1,"month":6,"year":2024},"system":"crm"}]','{"buying_roles":[{"claim_id":"01a22c79-1ca8-7683-a1d1-553c4bebeae0","start_date":{},"system":"crm"}],"contact":"contacts/golden-bert","customer":"customers/golden-alpha","etag":"w/\"9f14efa944b63a3d\"","job_title":"valid_until \"time\":","name":"affiliations/golden-bert-alpha","start_date":{}}','valid_until "time":','');
CREATE TABLE buying_roles (
  tenant_id text not null,
  claim_id text not null,
  affiliation text not null,
  role text not null,
  scope text not null,
  evidence text not null,
  claimant text not null,
  system text not null,
  start_date text not null,
  end_date text not null,
  verify_time integer, source text not null default '',
  primary key (tenant_id, affiliation, claim_id)
) strict;
INSERT INTO buying_roles VALUES('default','01a22c79-1ca4-7438-b0bc-0cfdf3db55c8','affiliations/golden-anna-alpha','DECISION_MAKER','"valid_until":','CONFIRMED','','','2025-01-01','2031-01-01',1796042464420643,'conversations/golden-talk');
INSERT INTO buying_roles VALUES('default','01a22c79-1ca8-7683-a1d1-553c4bebeae0','affiliations/golden-bert-alpha','BUDGET_HOLDER','','INFERRED','','crm','2024-06-01','',NULL,'');
CREATE TABLE colleagues (
  tenant_id text not null,
  name text not null,
  etag text not null,
  create_time integer not null,
  update_time integer not null,
  delete_time integer,
  labels text not null,
  tags text not null,
  attributes text not null,
  external_ids text not null,
  deleted_with text not null,
  display_name text not null,
  emails text not null,
  principal text not null,
  active integer not null, folded text not null default '{}', display_name_order text not null default '',
  primary key (tenant_id, name)
) strict;
INSERT INTO colleagues VALUES('default','colleagues/mia','W/"936e489d7f6ad754"',1796042464259133,1796042464259133,NULL,'{}','[]','{}','[]','','Mia Golden','[{"address":"mia@golden.example"}]','',1,'{"display_name":"mia golden","emails":[{"address":"mia@golden.example"}],"etag":"w/\"936e489d7f6ad754\"","name":"colleagues/mia"}','mia golden');
CREATE TABLE conversations (
  tenant_id text not null,
  name text not null,
  etag text not null,
  create_time integer not null,
  update_time integer not null,
  delete_time integer,
  labels text not null,
  tags text not null,
  attributes text not null,
  external_ids text not null,
  deleted_with text not null,
  customer text not null,
  contacts text not null,
  colleagues text not null,
  channel text not null,
  direction text not null,
  state text not null,
  broadcast integer not null,
  start_time integer not null,
  duration integer,
  subject text not null,
  summary text not null,
  body text not null,
  topics text not null,
  intent text not null,
  visibility text not null,
  author text not null, folded text not null default '{}',
  primary key (tenant_id, name)
) strict;
INSERT INTO conversations VALUES('default','conversations/golden-talk','W/"b5b3d111f3e8855b"',1796042464409645,1796042464409645,NULL,'{}','[]','{}','[]','','customers/golden-alpha','["contacts/golden-anna"]','[]','PHONE','OUTBOUND','HELD',0,1770109200000000,NULL,'Spindles','Wants a quote','','[]','','EVERYONE','colleagues/mia','{"author":"colleagues/mia","contacts":["contacts/golden-anna"],"customer":"customers/golden-alpha","etag":"w/\"b5b3d111f3e8855b\"","name":"conversations/golden-talk","subject":"spindles","summary":"wants a quote"}');
INSERT INTO conversations VALUES('default','conversations/golden-plan','W/"b25c65fb9e3a5494"',1796042464414770,1796042464414770,NULL,'{}','[]','{}','[]','','customers/golden-beta','[]','[]','IN_PERSON','DIRECTION_UNSPECIFIED','PLANNED',0,1896339600000000,NULL,'Visit','','','[]','','EVERYONE','colleagues/mia','{"author":"colleagues/mia","customer":"customers/golden-beta","etag":"w/\"b25c65fb9e3a5494\"","name":"conversations/golden-plan","subject":"visit"}');
INSERT INTO conversations VALUES('default','conversations/golden-private','W/"84dafcd22fa70a9f"',1796042464418324,1796042464418324,NULL,'{}','[]','{}','[]','','customers/golden-alpha','[]','[]','CHANNEL_UNSPECIFIED','DIRECTION_UNSPECIFIED','HELD',0,1772528400000000,NULL,'','between us','','[]','','PRIVATE','colleagues/mia','{"author":"colleagues/mia","customer":"customers/golden-alpha","etag":"w/\"84dafcd22fa70a9f\"","name":"conversations/golden-private","summary":"between us"}');
CREATE TABLE promises (
  tenant_id text not null,
  name text not null,
  etag text not null,
  create_time integer not null,
  update_time integer not null,
  delete_time integer,
  labels text not null,
  tags text not null,
  attributes text not null,
  external_ids text not null,
  deleted_with text not null,
  customer text not null,
  contacts text not null,
  conversation text not null,
  text text not null,
  side text not null,
  owner text not null,
  due_time integer not null,
  complete_time integer, folded text not null default '{}',
  primary key (tenant_id, name)
) strict;
INSERT INTO promises VALUES('default','promises/golden-ours','W/"bb68bdaeb348e257"',1796042464427607,1796042464427607,NULL,'{}','[]','{}','[]','','customers/golden-alpha','[]','conversations/golden-talk','Send the quote','COMPANY','colleagues/mia',1772323200000000,NULL,'{"conversation":"conversations/golden-talk","customer":"customers/golden-alpha","etag":"w/\"bb68bdaeb348e257\"","name":"promises/golden-ours","owner":"colleagues/mia","text":"send the quote"}');
INSERT INTO promises VALUES('default','promises/golden-theirs','W/"b5514ee9e72d784e"',1796042464430225,1796042464430225,NULL,'{}','[]','{}','[]','','customers/golden-alpha','[]','','US: send drawings','CUSTOMER','',9223372036854775807,NULL,'{"customer":"customers/golden-alpha","etag":"w/\"b5514ee9e72d784e\"","name":"promises/golden-theirs","text":"us: send drawings"}');
CREATE TABLE notes (
  tenant_id text not null,
  name text not null,
  etag text not null,
  create_time integer not null,
  update_time integer not null,
  delete_time integer,
  labels text not null,
  tags text not null,
  attributes text not null,
  external_ids text not null,
  deleted_with text not null,
  records text not null,
  body text not null,
  highlighted integer not null,
  write_time integer not null,
  author text not null,
  attachments text not null,
  visibility text not null, folded text not null default '{}',
  primary key (tenant_id, name)
) strict;
INSERT INTO notes VALUES('default','notes/golden-note','W/"a3095bd00093952e"',1796042464433011,1796042464433011,NULL,'{}','[]','{}','[]','','["customers/golden-alpha"]','Old friend of the house',0,1796042464433011,'colleagues/mia','[]','EVERYONE','{"author":"colleagues/mia","body":"old friend of the house","etag":"w/\"a3095bd00093952e\"","name":"notes/golden-note","records":["customers/golden-alpha"]}');
CREATE TABLE personas (
  tenant_id text not null,
  name text not null,
  etag text not null,
  create_time integer not null,
  update_time integer not null,
  delete_time integer,
  labels text not null,
  tags text not null,
  attributes text not null,
  external_ids text not null,
  deleted_with text not null,
  record_kind text not null,
  display_name text not null,
  headline text not null,
  story text not null,
  quote text not null,
  picture_uri text not null,
  target text not null,
  demographics_min_age integer,
  demographics_max_age integer,
  demographics_genders text not null,
  demographics_locations text not null,
  demographics_occupations text not null,
  demographics_education_levels text not null,
  behaviors text not null,
  motivations text not null,
  emotions text not null,
  goals text not null,
  frustrations text not null,
  preferred_channels text not null,
  expectations text not null,
  key_attributes text not null,
  match_filter text not null,
  statements text not null,
  review_interval integer,
  last_review_time integer, folded text not null default '{}', display_name_order text not null default '',
  primary key (tenant_id, name)
) strict;
INSERT INTO personas VALUES('default','personas/golden-persona','W/"8e86957fadba5a34"',1796042464458418,1796042464458418,NULL,'{}','[]','{}','[]','','CUSTOMER','Careful Carl','','','','','',NULL,NULL,'[]','[]','[]','[]','[]','[]','[]','[]','[]','[]','[]','[]','(affiliations.buying_roles.end_date > "2027-01-01" OR contact_permissions.record_time:*)','[{"text":"Decides alone"},{"filter":"contact_permissions.record_time >= \"2025-01-01T00:00:00Z\"","text":"Has permissions"}]',NULL,NULL,'{"display_name":"careful carl","etag":"w/\"8e86957fadba5a34\"","match_filter":"(affiliations.buying_roles.end_date > \"2027-01-01\" or contact_permissions.record_time:*)","name":"personas/golden-persona","statements":[{"text":"decides alone"},{"filter":"contact_permissions.record_time >= \"2025-01-01t00:00:00z\"","text":"has permissions"}]}','careful carl');
CREATE TABLE segments (
  tenant_id text not null,
  name text not null,
  etag text not null,
  create_time integer not null,
  update_time integer not null,
  delete_time integer,
  labels text not null,
  tags text not null,
  attributes text not null,
  external_ids text not null,
  deleted_with text not null,
  display_name text not null,
  description text not null,
  filter text not null,
  members text not null, folded text not null default '{}', display_name_order text not null default '',
  primary key (tenant_id, name)
) strict;
INSERT INTO segments VALUES('default','segments/golden-claims','W/"95051a66d7c828d6"',1796042464444910,1796042464444910,NULL,'{}','[]','{}','[]','','Claims in force','','affiliations.buying_roles.start_date <= "2026-01-01" AND NOT affiliations.buying_roles.end_date <= "2026-01-01"','','{"display_name":"claims in force","etag":"w/\"95051a66d7c828d6\"","filter":"affiliations.buying_roles.start_date <= \"2026-01-01\" and not affiliations.buying_roles.end_date <= \"2026-01-01\"","name":"segments/golden-claims"}','claims in force');
INSERT INTO segments VALUES('default','segments/golden-permissions','W/"8f492d3b3ade5900"',1796042464447592,1796042464447592,NULL,'{}','[]','{}','[]','','Permissions','','contact_permissions.record_time >= "2025-02-01T00:00:00Z" AND NOT about = "contact_permissions.time"','','{"display_name":"permissions","etag":"w/\"8f492d3b3ade5900\"","filter":"contact_permissions.record_time >= \"2025-02-01t00:00:00z\" and not about = \"contact_permissions.time\"","name":"segments/golden-permissions"}','permissions');
INSERT INTO segments VALUES('default','segments/golden-nested','W/"827d6e879b3d9083"',1796042464449833,1796042464449833,NULL,'{}','[]','{}','[]','','Nested','','segment:"segments/golden-claims" OR display_name = "valid_until"','','{"display_name":"nested","etag":"w/\"827d6e879b3d9083\"","filter":"segment:\"segments/golden-claims\" or display_name = \"valid_until\"","name":"segments/golden-nested"}','nested');
INSERT INTO segments VALUES('default','segments/golden-list','W/"8b4b8553786ec5c6"',1796042464453486,1796042464453486,NULL,'{}','[]','{}','[]','','Picked','','','["customers/golden-alpha","customers/golden-gone"]','{"display_name":"picked","etag":"w/\"8b4b8553786ec5c6\"","members":{"customers":["customers/golden-alpha","customers/golden-gone"]},"name":"segments/golden-list"}','picked');
CREATE TABLE words (
  tenant_id text not null,
  word text not null,
  size integer not null,
  name text not null,
  primary key (tenant_id, word, size, name)
) strict, without rowid;
INSERT INTO words VALUES('default','alpha',1,'customers/golden-alpha');
INSERT INTO words VALUES('default','alpha golden',4,'customers/golden-alpha');
INSERT INTO words VALUES('default','alpha munchen',8,'customers/golden-alpha');
INSERT INTO words VALUES('default','alpha strasse',6,'customers/golden-alpha');
INSERT INTO words VALUES('default','alpha wien',65,'customers/golden-alpha');
INSERT INTO words VALUES('default','anna',3,'contacts/golden-anna');
INSERT INTO words VALUES('default','anna ince',4,'contacts/golden-anna');
INSERT INTO words VALUES('default','apfel',4,'customers/golden-beta');
INSERT INTO words VALUES('default','apfel beta',4,'customers/golden-beta');
INSERT INTO words VALUES('default','bert',3,'contacts/golden-bert');
INSERT INTO words VALUES('default','bert reuss',4,'contacts/golden-bert');
INSERT INTO words VALUES('default','beta',3,'customers/golden-beta');
INSERT INTO words VALUES('default','beta apfel',4,'customers/golden-beta');
INSERT INTO words VALUES('default','golden',3,'customers/golden-alpha');
INSERT INTO words VALUES('default','golden alpha',4,'customers/golden-alpha');
INSERT INTO words VALUES('default','golden munchen',8,'customers/golden-alpha');
INSERT INTO words VALUES('default','golden strasse',6,'customers/golden-alpha');
INSERT INTO words VALUES('default','golden wien',67,'customers/golden-alpha');
INSERT INTO words VALUES('default','ince',4,'contacts/golden-anna');
INSERT INTO words VALUES('default','ince anna',4,'contacts/golden-anna');
INSERT INTO words VALUES('default','munchen',1,'customers/golden-alpha');
INSERT INTO words VALUES('default','munchen alpha',8,'customers/golden-alpha');
INSERT INTO words VALUES('default','munchen golden',8,'customers/golden-alpha');
INSERT INTO words VALUES('default','munchen strasse',8,'customers/golden-alpha');
INSERT INTO words VALUES('default','munchen wien',65,'customers/golden-alpha');
INSERT INTO words VALUES('default','newer',6,'customers/golden-pair-new');
INSERT INTO words VALUES('default','newer pair',6,'customers/golden-pair-new');
INSERT INTO words VALUES('default','newer the',6,'customers/golden-pair-new');
INSERT INTO words VALUES('default','older',6,'customers/golden-pair-old');
INSERT INTO words VALUES('default','older pair',6,'customers/golden-pair-old');
INSERT INTO words VALUES('default','older the',6,'customers/golden-pair-old');
INSERT INTO words VALUES('default','pair',5,'customers/golden-pair-new');
INSERT INTO words VALUES('default','pair',5,'customers/golden-pair-old');
INSERT INTO words VALUES('default','pair newer',6,'customers/golden-pair-new');
INSERT INTO words VALUES('default','pair older',6,'customers/golden-pair-old');
INSERT INTO words VALUES('default','pair the',6,'customers/golden-pair-new');
INSERT INTO words VALUES('default','pair the',6,'customers/golden-pair-old');
INSERT INTO words VALUES('default','reuss',4,'contacts/golden-bert');
INSERT INTO words VALUES('default','reuss bert',4,'contacts/golden-bert');
INSERT INTO words VALUES('default','strasse',6,'customers/golden-alpha');
INSERT INTO words VALUES('default','strasse alpha',6,'customers/golden-alpha');
INSERT INTO words VALUES('default','strasse golden',6,'customers/golden-alpha');
INSERT INTO words VALUES('default','strasse munchen',8,'customers/golden-alpha');
INSERT INTO words VALUES('default','strasse wien',70,'customers/golden-alpha');
INSERT INTO words VALUES('default','the',6,'customers/golden-pair-new');
INSERT INTO words VALUES('default','the',6,'customers/golden-pair-old');
INSERT INTO words VALUES('default','the newer',6,'customers/golden-pair-new');
INSERT INTO words VALUES('default','the older',6,'customers/golden-pair-old');
INSERT INTO words VALUES('default','the pair',6,'customers/golden-pair-new');
INSERT INTO words VALUES('default','the pair',6,'customers/golden-pair-old');
INSERT INTO words VALUES('default','wien',128,'customers/golden-alpha');
CREATE TABLE word_keys (
  tenant_id text not null,
  key text not null,
  word text not null,
  primary key (tenant_id, key, word)
) strict, without rowid;
INSERT INTO word_keys VALUES('default','afel','apfel');
INSERT INTO word_keys VALUES('default','air','pair');
INSERT INTO word_keys VALUES('default','alha','alpha');
INSERT INTO word_keys VALUES('default','alpa','alpha');
INSERT INTO word_keys VALUES('default','alph','alpha');
INSERT INTO word_keys VALUES('default','alpha','alpha');
INSERT INTO word_keys VALUES('default','ana','anna');
INSERT INTO word_keys VALUES('default','ann','anna');
INSERT INTO word_keys VALUES('default','anna','anna');
INSERT INTO word_keys VALUES('default','apel','apfel');
INSERT INTO word_keys VALUES('default','apfe','apfel');
INSERT INTO word_keys VALUES('default','apfel','apfel');
INSERT INTO word_keys VALUES('default','apfl','apfel');
INSERT INTO word_keys VALUES('default','apha','alpha');
INSERT INTO word_keys VALUES('default','bea','beta');
INSERT INTO word_keys VALUES('default','ber','bert');
INSERT INTO word_keys VALUES('default','bert','bert');
INSERT INTO word_keys VALUES('default','bet','bert');
INSERT INTO word_keys VALUES('default','bet','beta');
INSERT INTO word_keys VALUES('default','beta','beta');
INSERT INTO word_keys VALUES('default','brt','bert');
INSERT INTO word_keys VALUES('default','bta','beta');
INSERT INTO word_keys VALUES('default','ert','bert');
INSERT INTO word_keys VALUES('default','eta','beta');
INSERT INTO word_keys VALUES('default','euss','reuss');
INSERT INTO word_keys VALUES('default','ewer','newer');
INSERT INTO word_keys VALUES('default','glden','golden');
INSERT INTO word_keys VALUES('default','goden','golden');
INSERT INTO word_keys VALUES('default','golde','golden');
INSERT INTO word_keys VALUES('default','golden','golden');
INSERT INTO word_keys VALUES('default','goldn','golden');
INSERT INTO word_keys VALUES('default','golen','golden');
INSERT INTO word_keys VALUES('default','he','the');
INSERT INTO word_keys VALUES('default','ice','ince');
INSERT INTO word_keys VALUES('default','ien','wien');
INSERT INTO word_keys VALUES('default','inc','ince');
INSERT INTO word_keys VALUES('default','ince','ince');
INSERT INTO word_keys VALUES('default','ine','ince');
INSERT INTO word_keys VALUES('default','lder','older');
INSERT INTO word_keys VALUES('default','lpha','alpha');
INSERT INTO word_keys VALUES('default','mnchen','munchen');
INSERT INTO word_keys VALUES('default','muchen','munchen');
INSERT INTO word_keys VALUES('default','muncen','munchen');
INSERT INTO word_keys VALUES('default','munche','munchen');
INSERT INTO word_keys VALUES('default','munchen','munchen');
INSERT INTO word_keys VALUES('default','munchn','munchen');
INSERT INTO word_keys VALUES('default','munhen','munchen');
INSERT INTO word_keys VALUES('default','nce','ince');
INSERT INTO word_keys VALUES('default','neer','newer');
INSERT INTO word_keys VALUES('default','newe','newer');
INSERT INTO word_keys VALUES('default','newer','newer');
INSERT INTO word_keys VALUES('default','newr','newer');
INSERT INTO word_keys VALUES('default','nna','anna');
INSERT INTO word_keys VALUES('default','nwer','newer');
INSERT INTO word_keys VALUES('default','oder','older');
INSERT INTO word_keys VALUES('default','olde','older');
INSERT INTO word_keys VALUES('default','olden','golden');
INSERT INTO word_keys VALUES('default','older','older');
INSERT INTO word_keys VALUES('default','oldr','older');
INSERT INTO word_keys VALUES('default','oler','older');
INSERT INTO word_keys VALUES('default','pai','pair');
INSERT INTO word_keys VALUES('default','pair','pair');
INSERT INTO word_keys VALUES('default','par','pair');
INSERT INTO word_keys VALUES('default','pfel','apfel');
INSERT INTO word_keys VALUES('default','pir','pair');
INSERT INTO word_keys VALUES('default','ress','reuss');
INSERT INTO word_keys VALUES('default','reus','reuss');
INSERT INTO word_keys VALUES('default','reuss','reuss');
INSERT INTO word_keys VALUES('default','russ','reuss');
INSERT INTO word_keys VALUES('default','srasse','strasse');
INSERT INTO word_keys VALUES('default','stasse','strasse');
INSERT INTO word_keys VALUES('default','strase','strasse');
INSERT INTO word_keys VALUES('default','strass','strasse');
INSERT INTO word_keys VALUES('default','strasse','strasse');
INSERT INTO word_keys VALUES('default','strsse','strasse');
INSERT INTO word_keys VALUES('default','te','the');
INSERT INTO word_keys VALUES('default','th','the');
INSERT INTO word_keys VALUES('default','the','the');
INSERT INTO word_keys VALUES('default','trasse','strasse');
INSERT INTO word_keys VALUES('default','unchen','munchen');
INSERT INTO word_keys VALUES('default','wen','wien');
INSERT INTO word_keys VALUES('default','wie','wien');
INSERT INTO word_keys VALUES('default','wien','wien');
INSERT INTO word_keys VALUES('default','win','wien');
CREATE TABLE filing (version integer not null) strict;
INSERT INTO filing VALUES(2);
CREATE TABLE filing_progress (
  tenant_id text not null,
  kind text not null,
  version integer not null,
  after text not null,
  primary key (tenant_id, kind)
) strict;
INSERT INTO filing_progress VALUES('default','words',2,'');
INSERT INTO filing_progress VALUES('default','customers',2,'customers/golden-pair-old');
INSERT INTO filing_progress VALUES('default','contacts',2,'contacts/golden-bert');
INSERT INTO filing_progress VALUES('default','affiliations',2,'affiliations/golden-bert-alpha');
INSERT INTO filing_progress VALUES('default','colleagues',2,'colleagues/mia');
INSERT INTO filing_progress VALUES('default','conversations',2,'conversations/golden-talk');
INSERT INTO filing_progress VALUES('default','promises',2,'promises/golden-theirs');
INSERT INTO filing_progress VALUES('default','notes',2,'notes/golden-note');
INSERT INTO filing_progress VALUES('default','personas',2,'personas/golden-persona');
INSERT INTO filing_progress VALUES('default','segments',2,'segments/golden-permissions');
CREATE TABLE customer_channels (
  tenant_id text not null,
  customer text not null,
  channel text not null,
  conversation_count integer not null,
  first_conversation_time integer,
  last_conversation_time integer,
  primary key (tenant_id, customer, channel)
) strict, without rowid;
INSERT INTO customer_channels VALUES('default','customers/golden-alpha','PHONE',1,1770109200000000,1770109200000000);
CREATE TABLE contact_conversations (
  tenant_id text not null,
  contact text not null,
  start_time integer not null,
  conversation text not null,
  primary key (tenant_id, contact, start_time, conversation)
) strict, without rowid;
INSERT INTO contact_conversations VALUES('default','contacts/golden-anna',1770109200000000,'conversations/golden-talk');
ANALYZE sqlite_schema;
INSERT INTO sqlite_stat1 VALUES('affiliations','affiliations_by_contact','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('affiliations','affiliations_by_create_time','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('affiliations','affiliations_by_customer','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('affiliations','affiliations_by_customer_and_contact','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('affiliations','affiliations_by_department','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('affiliations','affiliations_by_job_title','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('affiliations','affiliations_by_manager','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('affiliations','affiliations_by_update_time','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('affiliations','sqlite_autoindex_affiliations_1','1000000 1000000 1');
INSERT INTO sqlite_stat1 VALUES('buying_roles','sqlite_autoindex_buying_roles_1','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('changes','sqlite_autoindex_changes_1','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('colleagues','colleagues_by_create_time','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('colleagues','colleagues_by_display_name','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('colleagues','colleagues_by_update_time','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('colleagues','colleagues_principal','1000000 1000000 1');
INSERT INTO sqlite_stat1 VALUES('colleagues','sqlite_autoindex_colleagues_1','1000000 1000000 1');
INSERT INTO sqlite_stat1 VALUES('contact_conversations','contact_conversations_by_conversation','1000000 1000000 1');
INSERT INTO sqlite_stat1 VALUES('contact_conversations','sqlite_autoindex_contact_conversations_1','1000000 1000000 20 20 1');
INSERT INTO sqlite_stat1 VALUES('contacts','contacts_by_create_time','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('contacts','contacts_by_display_name','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('contacts','contacts_by_family_name','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('contacts','contacts_by_given_name','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('contacts','contacts_by_last_conversation','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('contacts','contacts_by_owner','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('contacts','contacts_by_update_time','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('contacts','sqlite_autoindex_contacts_1','1000000 1000000 1');
INSERT INTO sqlite_stat1 VALUES('conversations','conversations_by_channel','1000000 1000000 20 20 1');
INSERT INTO sqlite_stat1 VALUES('conversations','conversations_by_create_time','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('conversations','conversations_by_customer','1000000 1000000 20 20 1');
INSERT INTO sqlite_stat1 VALUES('conversations','conversations_by_start_time','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('conversations','conversations_by_state','1000000 1000000 300000 20 1');
INSERT INTO sqlite_stat1 VALUES('conversations','conversations_by_update_time','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('conversations','conversations_planned','1000000 1000000 20 20 1');
INSERT INTO sqlite_stat1 VALUES('conversations','conversations_that_count','1000000 1000000 20 20 1');
INSERT INTO sqlite_stat1 VALUES('conversations','sqlite_autoindex_conversations_1','1000000 1000000 1');
INSERT INTO sqlite_stat1 VALUES('customer_channels','sqlite_autoindex_customer_channels_1','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('customers','customers_by_annual_spend','1000000 1000000 20 20 20 1');
INSERT INTO sqlite_stat1 VALUES('customers','customers_by_conversation_count','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('customers','customers_by_create_time','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('customers','customers_by_display_name','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('customers','customers_by_first_conversation_time','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('customers','customers_by_follow_up_due_time','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('customers','customers_by_industry','1000000 1000000 10000 1');
INSERT INTO sqlite_stat1 VALUES('customers','customers_by_last_conversation','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('customers','customers_by_lifecycle','1000000 1000000 250000 1');
INSERT INTO sqlite_stat1 VALUES('customers','customers_by_owner','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('customers','customers_by_parent','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('customers','customers_by_update_time','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('customers','sqlite_autoindex_customers_1','1000000 1000000 1');
INSERT INTO sqlite_stat1 VALUES('filing_progress','sqlite_autoindex_filing_progress_1','1000000 1000000 1');
INSERT INTO sqlite_stat1 VALUES('history','sqlite_autoindex_history_1','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('keys','keys_by_external_id','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('keys','keys_external_id','1000000 1000000 300000 20 1');
INSERT INTO sqlite_stat1 VALUES('keys','keys_of_record','1000000 1000000 1');
INSERT INTO sqlite_stat1 VALUES('keys','sqlite_autoindex_keys_1','1000000 1000000 300000 100000 20 20 1');
INSERT INTO sqlite_stat1 VALUES('notes','notes_by_author','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('notes','notes_by_create_time','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('notes','notes_by_update_time','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('notes','notes_by_write_time','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('notes','sqlite_autoindex_notes_1','1000000 1000000 1');
INSERT INTO sqlite_stat1 VALUES('personas','personas_by_create_time','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('personas','personas_by_display_name','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('personas','personas_by_update_time','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('personas','sqlite_autoindex_personas_1','1000000 1000000 1');
INSERT INTO sqlite_stat1 VALUES('promises','promises_by_conversation','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('promises','promises_by_create_time','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('promises','promises_by_customer','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('promises','promises_by_due_time','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('promises','promises_by_owner','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('promises','promises_by_update_time','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('promises','promises_open','1000000 1000000 20 20 1');
INSERT INTO sqlite_stat1 VALUES('promises','sqlite_autoindex_promises_1','1000000 1000000 1');
INSERT INTO sqlite_stat1 VALUES('requests','requests_by_time','1000000 1000000 1');
INSERT INTO sqlite_stat1 VALUES('requests','sqlite_autoindex_requests_1','1000000 1000000 20 20 1');
INSERT INTO sqlite_stat1 VALUES('segments','segments_by_create_time','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('segments','segments_by_display_name','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('segments','segments_by_update_time','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('segments','sqlite_autoindex_segments_1','1000000 1000000 1');
INSERT INTO sqlite_stat1 VALUES('word_keys','sqlite_autoindex_word_keys_1','1000000 1000000 20 1');
INSERT INTO sqlite_stat1 VALUES('words','sqlite_autoindex_words_1','1000000 1000000 20 20 1');
ANALYZE sqlite_schema;
CREATE UNIQUE INDEX keys_external_id on keys (tenant_id, kind, key, value) where field = 'external_ids';
CREATE INDEX keys_of_record on keys (tenant_id, name);
CREATE INDEX requests_by_time on requests (tenant_id, create_time);
CREATE INDEX customers_by_create_time on customers (tenant_id, create_time, name);
CREATE INDEX customers_by_update_time on customers (tenant_id, update_time, name);
CREATE INDEX customers_by_parent on customers (tenant_id, parent, name);
CREATE INDEX contacts_by_create_time on contacts (tenant_id, create_time, name);
CREATE INDEX contacts_by_update_time on contacts (tenant_id, update_time, name);
CREATE INDEX affiliations_by_customer on affiliations (tenant_id, customer, name);
CREATE INDEX affiliations_by_contact on affiliations (tenant_id, contact, name);
CREATE INDEX affiliations_by_manager on affiliations (tenant_id, manager, name);
CREATE INDEX affiliations_by_create_time on affiliations (tenant_id, create_time, name);
CREATE INDEX affiliations_by_update_time on affiliations (tenant_id, update_time, name);
CREATE INDEX colleagues_by_create_time on colleagues (tenant_id, create_time, name);
CREATE INDEX colleagues_by_update_time on colleagues (tenant_id, update_time, name);
CREATE UNIQUE INDEX colleagues_principal on colleagues (tenant_id, principal) where principal <> '';
CREATE INDEX conversations_by_start_time on conversations (tenant_id, start_time, name);
CREATE INDEX conversations_by_create_time on conversations (tenant_id, create_time, name);
CREATE INDEX conversations_by_update_time on conversations (tenant_id, update_time, name);
CREATE INDEX conversations_by_customer on conversations (tenant_id, customer, start_time, name);
CREATE INDEX promises_by_due_time on promises (tenant_id, due_time, name);
CREATE INDEX promises_by_create_time on promises (tenant_id, create_time, name);
CREATE INDEX promises_by_update_time on promises (tenant_id, update_time, name);
CREATE INDEX promises_by_customer on promises (tenant_id, customer, name);
CREATE INDEX promises_by_conversation on promises (tenant_id, conversation, name);
CREATE INDEX promises_by_owner on promises (tenant_id, owner, name);
CREATE INDEX notes_by_create_time on notes (tenant_id, create_time, name);
CREATE INDEX notes_by_update_time on notes (tenant_id, update_time, name);
CREATE INDEX personas_by_create_time on personas (tenant_id, create_time, name);
CREATE INDEX personas_by_update_time on personas (tenant_id, update_time, name);
CREATE INDEX segments_by_create_time on segments (tenant_id, create_time, name);
CREATE INDEX segments_by_update_time on segments (tenant_id, update_time, name);
CREATE INDEX customers_by_last_conversation on customers (tenant_id, last_conversation_start_time, name);
CREATE INDEX customers_by_follow_up_due_time on customers (tenant_id, follow_up_due_time, name);
CREATE INDEX customers_by_owner on customers (tenant_id, owner, name);
CREATE INDEX contacts_by_last_conversation on contacts (tenant_id, last_conversation_start_time, name);
CREATE INDEX customers_by_lifecycle on customers (tenant_id, lifecycle, name);
CREATE INDEX customers_by_industry on customers (tenant_id, business_industry, name);
CREATE INDEX contacts_by_owner on contacts (tenant_id, owner, name);
CREATE INDEX conversations_by_state on conversations (tenant_id, state, start_time, name);
CREATE INDEX notes_by_author on notes (tenant_id, author, name);
CREATE INDEX keys_by_external_id on keys (tenant_id, value, kind) where field = 'external_ids';
CREATE INDEX conversations_planned on conversations (tenant_id, customer, start_time, name)
  where state = 'PLANNED' and delete_time is null;
CREATE INDEX promises_open on promises (tenant_id, customer, due_time, name)
  where complete_time is null and delete_time is null;
CREATE INDEX affiliations_by_customer_and_contact on affiliations (tenant_id, customer, contact);
CREATE INDEX customers_by_display_name on customers (tenant_id, display_name_order, name);
CREATE INDEX contacts_by_display_name on contacts (tenant_id, display_name_order, name);
CREATE INDEX colleagues_by_display_name on colleagues (tenant_id, display_name_order, name);
CREATE INDEX personas_by_display_name on personas (tenant_id, display_name_order, name);
CREATE INDEX segments_by_display_name on segments (tenant_id, display_name_order, name);
CREATE INDEX contacts_by_family_name on contacts (tenant_id, family_name_order, name);
CREATE INDEX contacts_by_given_name on contacts (tenant_id, given_name_order, name);
CREATE INDEX affiliations_by_job_title on affiliations (tenant_id, job_title_order, name);
CREATE INDEX affiliations_by_department on affiliations (tenant_id, department_order, name);
CREATE INDEX customers_by_conversation_count on customers (tenant_id, conversation_count, name);
CREATE INDEX customers_by_first_conversation_time on customers (tenant_id, first_conversation_time, name);
CREATE INDEX notes_by_write_time on notes (tenant_id, write_time, name);
CREATE INDEX customers_by_annual_spend
  on customers (tenant_id, annual_spend_currency_code, annual_spend_units, annual_spend_nanos, name);
CREATE INDEX contact_conversations_by_conversation on contact_conversations (tenant_id, conversation);
CREATE INDEX conversations_by_channel on conversations (tenant_id, customer, channel, start_time)
  where state = 'HELD' and not broadcast and visibility <> 'PRIVATE' and delete_time is null;
CREATE INDEX conversations_that_count on conversations (tenant_id, customer, start_time desc, name desc)
  where state = 'HELD' and not broadcast and visibility <> 'PRIVATE' and delete_time is null;
COMMIT;
