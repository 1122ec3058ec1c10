-- A store of version 1, as the ocrfill of that version made and filled it. Never changed.
CREATE TABLE ocrfill_schema (version INTEGER NOT NULL);
INSERT INTO "ocrfill_schema" VALUES(1);
CREATE TABLE books (
        id INTEGER NOT NULL PRIMARY KEY,
        kind TEXT NOT NULL,
        first_year INTEGER NOT NULL,
        last_year INTEGER NOT NULL,
        volume INTEGER NOT NULL,
        layout TEXT NOT NULL,
        layout_version INTEGER NOT NULL,
        place TEXT NOT NULL,
        UNIQUE (kind, first_year, last_year, volume));
INSERT INTO "books" VALUES(1,'KS',2006,2006,1,'ks_2006_2015',1,'UBND xã Hải Lệ');
INSERT INTO "books" VALUES(2,'KT',1999,2001,3,'kt_2006_2015',4,'UBND phường 1');
CREATE TABLE scans (
        id INTEGER NOT NULL PRIMARY KEY,
        book_id INTEGER NOT NULL REFERENCES books (id),
        path TEXT NOT NULL,
        sha256 TEXT,
        failure TEXT,
        replaced INTEGER NOT NULL);
INSERT INTO "scans" VALUES(1,1,'a.pdf','aa',NULL,0);
INSERT INTO "scans" VALUES(2,1,'b.pdf','bb','the file is empty',0);
CREATE INDEX scans_book ON scans (book_id);
CREATE INDEX scans_path ON scans (path);
CREATE INDEX scans_sha256 ON scans (sha256);
CREATE TABLE pages (
        id INTEGER NOT NULL PRIMARY KEY,
        scan_id INTEGER NOT NULL REFERENCES scans (id),
        number INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('pending', 'done', 'failed')),
        failure_stage TEXT,
        failure_reason TEXT,
        issues TEXT,
        detail TEXT,
        UNIQUE (scan_id, number));
INSERT INTO "pages" VALUES(1,1,1,'done',NULL,NULL,NULL,'{"layout":"ks_2006_2015","layout_version":1,"width":100,"height":200,"dpi":300.0,"turned":0,"fit":0.0,"models":[],"records":[{"number":1,"issues":[]}]}');
INSERT INTO "pages" VALUES(2,1,2,'failed','page','the page is blank',NULL,'{"layout":"ks_2006_2015","layout_version":1,"width":100,"height":200,"dpi":300.0,"turned":0,"fit":0.0,"models":[],"records":[]}');
INSERT INTO "pages" VALUES(3,1,3,'pending',NULL,NULL,NULL,NULL);
CREATE INDEX pages_state ON pages (state, scan_id);
CREATE INDEX pages_issues ON pages (scan_id) WHERE issues IS NOT NULL;
CREATE TABLE fields (
        page_id INTEGER NOT NULL REFERENCES pages (id),
        record INTEGER NOT NULL,
        position INTEGER NOT NULL,
        name TEXT NOT NULL,
        raw TEXT NOT NULL,
        normalised TEXT,
        probability DOUBLE PRECISION NOT NULL,
        decision TEXT NOT NULL,
        detail TEXT NOT NULL,
        PRIMARY KEY (page_id, record, position));
INSERT INTO "fields" VALUES(1,1,1,'ho_ten','Lê Thị Ba',NULL,0.5,'review','{"label":"Họ và tên","kind":"name","issues":[],"reader":"tesseract","polygon":[[1.0,2.5],[3.0,4.0]],"strips":[],"readings":[]}');
INSERT INTO "fields" VALUES(1,1,2,'me_ho_ten','Lê Thị Ba','Lê Thị Ba',0.5,'accept','{"label":"Họ và tên","kind":"name","issues":[],"reader":"tesseract","polygon":[[1.0,2.5],[3.0,4.0]],"strips":[],"readings":[]}');
CREATE INDEX fields_decision ON fields (page_id, decision, position);
