// SPDX-License-Identifier: GPL-2.0-only
/*
 * JUnit XML against the schema beside this file, and its counts against its own elements.
 */
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <libxml/xpath.h>
#include <stdlib.h>
#include <string.h>
#include "../../harness/trace/util.h"
#include "suites.h"

static void ignore(void *arg, const char *format, ...)
{
}

static bool is_valid(xmlDoc *document)
{
	xmlSchemaParserCtxt *parser = xmlSchemaNewParserCtxt(JUNIT_XSD);
	xmlSchema *schema = xmlSchemaParse(parser);
	xmlSchemaValidCtxt *context;
	int ret;

	CU_ASSERT_PTR_NOT_NULL_FATAL(schema);
	context = xmlSchemaNewValidCtxt(schema);
	if (getenv("KFAIL_QUIET"))
		xmlSchemaSetValidErrors(context, ignore, ignore, NULL);
	ret = xmlSchemaValidateDoc(context, document);
	xmlSchemaFreeValidCtxt(context);
	xmlSchemaFree(schema);
	xmlSchemaFreeParserCtxt(parser);
	return !ret;
}

static xmlDoc *written(const struct sweep_result *result, const char *name)
{
	char *text = exported(report_junit, result, name);
	xmlDoc *document = xmlReadMemory(text, (int)strlen(text), name, NULL, XML_PARSE_NONET);

	free(text);
	CU_ASSERT_PTR_NOT_NULL_FATAL(document);
	CU_ASSERT_TRUE(is_valid(document));
	return document;
}

/* An XPath expression's value as text; in a static buffer. */
static const char *at(xmlDoc *document, const char *path)
{
	static char text[4096];
	xmlXPathContext *context = xmlXPathNewContext(document);
	xmlXPathObject *object = xmlXPathEval(BAD_CAST path, context);
	xmlChar *value = xmlXPathCastToString(object);

	snprintf(text, sizeof(text), "%s", (const char *)value);
	xmlFree(value);
	xmlXPathFreeObject(object);
	xmlXPathFreeContext(context);
	return text;
}

/* Expect: the counts are those of the elements, in suite and suites. */
static void expect_counts(xmlDoc *document)
{
	CU_ASSERT_STRING_EQUAL(at(document, "//testsuite/@tests = count(//testcase)"), "true");
	CU_ASSERT_STRING_EQUAL(at(document, "//testsuite/@failures = count(//failure)"), "true");
	CU_ASSERT_STRING_EQUAL(at(document, "//testsuite/@errors = count(//error)"), "true");
	CU_ASSERT_STRING_EQUAL(at(document, "//testsuite/@skipped = count(//skipped)"), "true");
	CU_ASSERT_STRING_EQUAL(at(document, "/testsuites/@tests = count(//testcase)"), "true");
	CU_ASSERT_STRING_EQUAL(at(document, "/testsuites/@failures = count(//failure)"), "true");
	CU_ASSERT_STRING_EQUAL(at(document, "/testsuites/@errors = count(//error)"), "true");
}

/* Expect: two failures, the kernel's own issue skipped, the points that were not judged an error. */
static void test_sample(void)
{
	struct sweep_result result = sample_result();
	xmlDoc *document = written(&result, "sample.xml");

	expect_counts(document);
	CU_ASSERT_STRING_EQUAL(at(document, "string(//testsuite/@name)"), "foo init-exit");
	CU_ASSERT_STRING_EQUAL(at(document, "count(//testcase)"), "4");
	CU_ASSERT_STRING_EQUAL(at(document, "count(//failure)"), "2");
	CU_ASSERT_STRING_EQUAL(at(document, "string(//failure/@type)"), "leak");
	CU_ASSERT_STRING_EQUAL(at(document, "string(//testcase[failure]/@name)"),
			       "leak in foo_probe (e792ddf7b9947088)");
	CU_ASSERT_STRING_EQUAL(at(document, "string(//testcase[failure]/@file)"), "foo.c");
	CU_ASSERT_STRING_EQUAL(at(document, "string(//testcase[failure]/@line)"), "140");
	CU_ASSERT_STRING_EQUAL(
		at(document, "contains(//failure, 'kfail replay --schedule 7 foo.ko')"), "true");
	CU_ASSERT_STRING_EQUAL(at(document, "string(//error/@message)"), "3 schedules not judged");
	CU_ASSERT_STRING_EQUAL(at(document, "contains(//error, 'reached the real MMU')"), "true");
	CU_ASSERT_STRING_EQUAL(at(document, "string(//skipped/@message)"),
			       "the kernel's own issue: sysfs keeps a dentry");
	CU_ASSERT_STRING_EQUAL(at(document, "string(//property[@name='points']/@value)"), "12");
	CU_ASSERT_STRING_EQUAL(at(document, "contains(//testsuite/system-out, 'verdict')"), "true");
	xmlFreeDoc(document);
	sweep_result_clear(&result);
}

/* Expect: 4,000 points that are fine are one passing test. */
static void test_clean(void)
{
	struct sweep_result result = clean_result();
	xmlDoc *document = written(&result, "clean.xml");

	expect_counts(document);
	CU_ASSERT_STRING_EQUAL(at(document, "count(//testcase)"), "1");
	CU_ASSERT_STRING_EQUAL(at(document, "count(//testcase/*)"), "0");
	CU_ASSERT_STRING_EQUAL(at(document, "string(//property[@name='clean']/@value)"), "4000");
	xmlFreeDoc(document);
	sweep_result_clear(&result);
}

/* Expect: not judged is red, even if nobody says why. */
static void test_not_judged(void)
{
	struct sweep_result result = clean_result();
	xmlDoc *document;

	result.status = SWEEP_NOT_JUDGED;
	document = written(&result, "not-judged.xml");
	expect_counts(document);
	CU_ASSERT_STRING_EQUAL(at(document, "count(//testcase/error)"), "1");
	xmlFreeDoc(document);
	sweep_result_clear(&result);
}

/* Expect: every kind, and text that XML cannot hold, give valid XML with the right counts. */
static void test_wild(void)
{
	struct sweep_result result = wild_result();
	xmlDoc *document = written(&result, "wild.xml");

	expect_counts(document);
	CU_ASSERT_STRING_EQUAL(at(document, "count(//testcase)"), "23");
	CU_ASSERT_STRING_EQUAL(at(document, "count(//testcase[@file='sub dir/a#b.c'])"), "4");
	CU_ASSERT_STRING_EQUAL(at(document, "string(//testcase[failure][3]/failure/@message)"),
			       "\"<&>'?\n]]>???? \xc3\xa9");
	xmlFreeDoc(document);
	sweep_result_clear(&result);
}

/* Expect: a bug that many refusals show is one test case, and what is held against the driver does not hide behind what is
 * accepted. */
static void test_groups(void)
{
	struct sweep_result result = wild_result();
	xmlDoc *document;

	for (unsigned i = 0; i < result.finding_count; i++)
		strcpy(result.findings[i].group, result.findings[i].core ? "c0re" : "b06");
	result.findings[2].operation = xstrdup("open");
	document = written(&result, "groups.xml");
	expect_counts(document);
	CU_ASSERT_STRING_EQUAL(at(document, "count(//testcase)"), "4");
	CU_ASSERT_STRING_EQUAL(at(document, "string(//testcase[failure]/@name)"),
			       "null-dereference in foo_probe (b06)");
	CU_ASSERT_STRING_EQUAL(
		at(document, "count(//testcase[skipped][contains(@classname, '.open')])"), "1");
	CU_ASSERT_STRING_EQUAL(at(document, "string(//property[@name='findings']/@value)"), "22");
	xmlFreeDoc(document);
	sweep_result_clear(&result);
}

/* Expect: an unexpected number of points is a failure, an interruption an error, and the latter comes first. */
static void test_sweep_case(void)
{
	struct sweep_result result = clean_result();
	xmlDoc *document;

	result.status = SWEEP_FINDINGS;
	result.unexpected = xcalloc(1, sizeof(*result.unexpected));
	result.unexpected_count = 1;
	result.unexpected[0] = (struct unexpected_points){xstrdup("init-exit"), 13, 12, 12};
	document = written(&result, "unexpected.xml");
	expect_counts(document);
	CU_ASSERT_STRING_EQUAL(at(document, "string(//testcase/failure/@message)"),
			       "init-exit: 13 points, 12 to 12 expected");
	xmlFreeDoc(document);
	result.interrupted = 2;
	document = written(&result, "interrupted.xml");
	expect_counts(document);
	CU_ASSERT_STRING_EQUAL(at(document, "string(//testcase/error/@message)"),
			       "the sweep was interrupted");
	xmlFreeDoc(document);
	sweep_result_clear(&result);
}

/* Expect: the schema is one that can say no. */
static void test_schema(void)
{
	static const char *const bad[] = {
		"<testsuites><testsuite name='a' tests='1' failures='0'/></testsuites>",
		"<testsuites><testsuite name='a' tests='1' failures='0' errors='no'/></testsuites>",
		"<testsuites><testcase name='a' classname='b' time='0.0'/></testsuites>",
		"<nonsense/>",
	};

	setenv("KFAIL_QUIET", "1", 1);
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		xmlDoc *document =
			xmlReadMemory(bad[i], (int)strlen(bad[i]), "bad", NULL, XML_PARSE_NONET);

		CU_ASSERT_FALSE(is_valid(document));
		xmlFreeDoc(document);
	}
	unsetenv("KFAIL_QUIET");
}

CU_TestInfo junit_tests[] = {
	{"the sample", test_sample},
	{"nothing wrong", test_clean},
	{"not judged without a reason", test_not_judged},
	{"every kind, and odd characters", test_wild},
	{"a bug and its findings", test_groups},
	{"the sweep's own test case", test_sweep_case},
	{"the schema refuses", test_schema},
	CU_TEST_INFO_NULL,
};
