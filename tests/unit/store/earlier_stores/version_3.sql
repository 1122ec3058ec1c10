-- A store of version 3, as the ocrfill of that version made and filled it. Never changed.
CREATE TABLE ocrfill_schema (version INTEGER NOT NULL);
INSERT INTO "ocrfill_schema" VALUES(3);
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
CREATE TABLE corrections (
        id INTEGER NOT NULL PRIMARY KEY,
        page_id INTEGER NOT NULL REFERENCES pages (id),
        record INTEGER NOT NULL,
        field TEXT NOT NULL,
        prefilled TEXT NOT NULL,
        entered TEXT,
        answer TEXT NOT NULL,
        purpose TEXT NOT NULL,
        who TEXT NOT NULL,
        moment TEXT NOT NULL,
        seconds DOUBLE PRECISION,
        source TEXT NOT NULL,
        task INTEGER NOT NULL,
        annotation INTEGER NOT NULL,
        outline TEXT NOT NULL,
        withdrawn INTEGER NOT NULL,
        UNIQUE (source, annotation, moment));
INSERT INTO "corrections" VALUES(1,1,1,'ho_ten','Lê Thị Ba','Lê Thị Bà','corrected','review','thu@xa.local','2026-03-04T01:02:03.000000+00:00',4.5,'http://127.0.0.1:8080 project 7',11,21,'[[1.0,2.5],[3.0,4.0]]',0);
CREATE INDEX corrections_field ON corrections (page_id, record, field);
CREATE TABLE review_batches (
        id INTEGER NOT NULL PRIMARY KEY,
        book_id INTEGER NOT NULL REFERENCES books (id),
        server TEXT NOT NULL,
        person TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('planned', 'sent', 'lost')),
        token TEXT NOT NULL,
        project INTEGER,
        seen TEXT);
INSERT INTO "review_batches" VALUES(1,1,'local','thu','sent','t1',7,'2026-03-04T01:02:03Z');
CREATE TABLE review_tasks (
        batch_id INTEGER NOT NULL REFERENCES review_batches (id),
        position INTEGER NOT NULL,
        page_id INTEGER NOT NULL REFERENCES pages (id),
        record INTEGER NOT NULL,
        field TEXT NOT NULL,
        purpose TEXT NOT NULL,
        prefilled TEXT NOT NULL,
        outline TEXT NOT NULL,
        task INTEGER,
        PRIMARY KEY (batch_id, position));
INSERT INTO "review_tasks" VALUES(1,1,1,1,'ho_ten','review','Lê Thị Ba','[[1.0,2.5],[3.0,4.0]]',11);
CREATE INDEX review_tasks_field ON review_tasks (page_id, record, field);
