// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of tracepoints, and the three things that are made of it: lines, bytes, format texts.
 *
 * An event in a ring buffer begins with eight bytes common to all (type, flags, preempt count, pid), then
 * each field at its natural alignment, then the string, if there is one; its field holds where it lies:
 *
 *	| type:16 | flags:8 | preempt:8 | pid:32 | field | field ... | length:16 offset:16 | ... | name\0 |
 *
 * The format texts say what the kernel's say, with numbers in the place of what only the kernel's own headers know
 * (GFP bits, vmemmap), so that a tool needs no kernel to read them. Two spellings differ on purpose: %p shows the
 * address itself where the kernel shows a hash of it, and a page's address is computed with this world's vmemmap.
 */
#include "tracepoints.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>
#include "../../allocator/core/memory.h"
#include "../../allocator/core/gfp.h"
#include "symbols.h"

#define COMMON_SIZE	8
#define PAGEBLOCK_ORDER 9
#define NO_PFN		UINT64_MAX

#define ULONG(f)                             \
	{                                    \
		"unsigned long", f, 8, false \
	}
#define LONG(f)                    \
	{                          \
		"long", f, 8, true \
	}
#define ULONG_LONG(f)                             \
	{                                         \
		"unsigned long long", f, 8, false \
	}
#define SIZE(f)                       \
	{                             \
		"size_t", f, 8, false \
	}
#define INT(f)                    \
	{                         \
		"int", f, 4, true \
	}
#define UINT(f)                             \
	{                                   \
		"unsigned int", f, 4, false \
	}
#define BOOL(f)                     \
	{                           \
		"bool", f, 1, false \
	}
#define CONST_POINTER(f)                    \
	{                                   \
		"const void *", f, 8, false \
	}
#define POINTER(f)                    \
	{                             \
		"void *", f, 8, false \
	}
#define SHRINKER(f)                              \
	{                                        \
		"struct shrinker *", f, 8, false \
	}
#define STRING(f)                               \
	{                                       \
		"__data_loc char[]", f, 4, true \
	}

const struct tracepoint tracepoints[NR_TRACE_EVENTS] = {
	[TRACE_KMALLOC] = {"kmem",
			   "kmalloc",
			   {ULONG("call_site"), CONST_POINTER("ptr"), SIZE("bytes_req"),
			    SIZE("bytes_alloc"), ULONG("gfp_flags"), INT("node")},
			   {{"call_site=", SHOW_SITE, 0},
			    {" ptr=", SHOW_POINTER, 1},
			    {" bytes_req=", SHOW_SIZE, 2},
			    {" bytes_alloc=", SHOW_SIZE, 3},
			    {" gfp_flags=", SHOW_GFP, 4},
			    {" node=", SHOW_INT, 5},
			    {" accounted=", SHOW_ACCOUNTED, 4}}},
	[TRACE_KMEM_CACHE_ALLOC] = {"kmem",
				    "kmem_cache_alloc",
				    {ULONG("call_site"), CONST_POINTER("ptr"), SIZE("bytes_req"),
				     SIZE("bytes_alloc"), ULONG("gfp_flags"), INT("node"),
				     BOOL("accounted")},
				    {{"call_site=", SHOW_SITE, 0},
				     {" ptr=", SHOW_POINTER, 1},
				     {" bytes_req=", SHOW_SIZE, 2},
				     {" bytes_alloc=", SHOW_SIZE, 3},
				     {" gfp_flags=", SHOW_GFP, 4},
				     {" node=", SHOW_INT, 5},
				     {" accounted=", SHOW_BOOL, 6}}},
	[TRACE_KFREE] = {"kmem",
			 "kfree",
			 {ULONG("call_site"), CONST_POINTER("ptr")},
			 {{"call_site=", SHOW_SITE, 0}, {" ptr=", SHOW_POINTER, 1}}},
	[TRACE_KMEM_CACHE_FREE] = {"kmem",
				   "kmem_cache_free",
				   {ULONG("call_site"), CONST_POINTER("ptr"), STRING("name")},
				   {{"call_site=", SHOW_SITE, 0},
				    {" ptr=", SHOW_POINTER, 1},
				    {" name=", SHOW_STRING, 2}}},
	[TRACE_MM_PAGE_ALLOC] = {"kmem",
				 "mm_page_alloc",
				 {ULONG("pfn"), UINT("order"), ULONG("gfp_flags"),
				  INT("migratetype")},
				 {{"page=", SHOW_PAGE, 0},
				  {" pfn=", SHOW_PFN, 0},
				  {" order=", SHOW_INT, 1},
				  {" migratetype=", SHOW_INT, 3},
				  {" gfp_flags=", SHOW_GFP, 2}}},
	[TRACE_MM_PAGE_FREE] = {"kmem",
				"mm_page_free",
				{ULONG("pfn"), UINT("order")},
				{{"page=", SHOW_PAGE, 0},
				 {" pfn=", SHOW_PFN, 0},
				 {" order=", SHOW_INT, 1}}},
	[TRACE_MM_PAGE_FREE_BATCHED] = {"kmem",
					"mm_page_free_batched",
					{ULONG("pfn")},
					{{"page=", SHOW_PAGE, 0},
					 {" pfn=", SHOW_PFN, 0},
					 {" order=0", SHOW_NOTHING, 0}}},
	[TRACE_MM_PAGE_ALLOC_ZONE_LOCKED] = {"kmem",
					     "mm_page_alloc_zone_locked",
					     {ULONG("pfn"), UINT("order"), INT("migratetype"),
					      INT("percpu_refill")},
					     {{"page=", SHOW_PAGE, 0},
					      {" pfn=", SHOW_PFN, 0},
					      {" order=", SHOW_UINT, 1},
					      {" migratetype=", SHOW_INT, 2},
					      {" percpu_refill=", SHOW_INT, 3}}},
	[TRACE_MM_PAGE_PCPU_DRAIN] = {"kmem",
				      "mm_page_pcpu_drain",
				      {ULONG("pfn"), UINT("order"), INT("migratetype")},
				      {{"page=", SHOW_PAGE, 0},
				       {" pfn=", SHOW_PFN, 0},
				       {" order=", SHOW_INT, 1},
				       {" migratetype=", SHOW_INT, 2}}},
	[TRACE_MM_PAGE_ALLOC_EXTFRAG] = {"kmem",
					 "mm_page_alloc_extfrag",
					 {ULONG("pfn"), INT("alloc_order"), INT("fallback_order"),
					  INT("alloc_migratetype"), INT("fallback_migratetype"),
					  INT("change_ownership")},
					 {{"page=", SHOW_PAGE, 0},
					  {" pfn=", SHOW_PFN, 0},
					  {" alloc_order=", SHOW_INT, 1},
					  {" fallback_order=", SHOW_INT, 2},
					  {" pageblock_order=", SHOW_BLOCK_ORDER, 0},
					  {" alloc_migratetype=", SHOW_INT, 3},
					  {" fallback_migratetype=", SHOW_INT, 4},
					  {" fragmenting=", SHOW_FRAGMENTING, 2},
					  {" change_ownership=", SHOW_INT, 5}}},
	[TRACE_PERCPU_ALLOC] = {"percpu",
				"percpu_alloc_percpu",
				{ULONG("call_site"), BOOL("reserved"), BOOL("is_atomic"),
				 SIZE("size"), SIZE("align"), POINTER("base_addr"), INT("off"),
				 POINTER("ptr"), SIZE("bytes_alloc"), ULONG("gfp_flags")},
				{{"call_site=", SHOW_SITE, 0},
				 {" reserved=", SHOW_INT, 1},
				 {" is_atomic=", SHOW_INT, 2},
				 {" size=", SHOW_SIZE, 3},
				 {" align=", SHOW_SIZE, 4},
				 {" base_addr=", SHOW_POINTER, 5},
				 {" off=", SHOW_INT, 6},
				 {" ptr=", SHOW_POINTER, 7},
				 {" bytes_alloc=", SHOW_SIZE, 8},
				 {" gfp_flags=", SHOW_GFP, 9}}},
	[TRACE_PERCPU_FREE] = {"percpu",
			       "percpu_free_percpu",
			       {POINTER("base_addr"), INT("off"), POINTER("ptr")},
			       {{"base_addr=", SHOW_POINTER, 0},
				{" off=", SHOW_INT, 1},
				{" ptr=", SHOW_POINTER, 2}}},
	[TRACE_SHRINK_SLAB_START] = {"vmscan",
				     "mm_shrink_slab_start",
				     {SHRINKER("shr"), POINTER("shrink"), INT("nid"),
				      LONG("nr_objects_to_shrink"), ULONG("gfp_flags"),
				      ULONG("cache_items"), ULONG_LONG("delta"),
				      ULONG("total_scan"), INT("priority")},
				     {{"", SHOW_FUNCTION, 1},
				      {" ", SHOW_POINTER, 0},
				      {": nid: ", SHOW_INT, 2},
				      {" objects to shrink ", SHOW_LONG, 3},
				      {" gfp_flags ", SHOW_GFP, 4},
				      {" cache items ", SHOW_LONG, 5},
				      {" delta ", SHOW_LONG_LONG, 6},
				      {" total_scan ", SHOW_LONG, 7},
				      {" priority ", SHOW_INT, 8}}},
	[TRACE_SHRINK_SLAB_END] = {"vmscan",
				   "mm_shrink_slab_end",
				   {SHRINKER("shr"), INT("nid"), POINTER("shrink"),
				    LONG("unused_scan"), LONG("new_scan"), INT("retval"),
				    LONG("total_scan")},
				   {{"", SHOW_FUNCTION, 2},
				    {" ", SHOW_POINTER, 0},
				    {": nid: ", SHOW_INT, 1},
				    {" unused scan count ", SHOW_LONG, 3},
				    {" new scan count ", SHOW_LONG, 4},
				    {" total_scan ", SHOW_LONG, 6},
				    {" last shrinker return val ", SHOW_INT, 5}}},
	[TRACE_KSWAPD_WAKE] = {"vmscan",
			       "mm_vmscan_kswapd_wake",
			       {INT("nid"), INT("zid"), INT("order")},
			       {{"nid=", SHOW_INT, 0}, {" order=", SHOW_INT, 2}}},
	[TRACE_KFAIL_REFUSED] = {"kfail",
				 "kfail_refused",
				 {ULONG("call_site"), UINT("point"), SIZE("bytes_req"),
				  ULONG("gfp_flags"), STRING("name")},
				 {{"call_site=", SHOW_SITE, 0},
				  {" point=", SHOW_UINT, 1},
				  {" bytes_req=", SHOW_SIZE, 2},
				  {" gfp_flags=", SHOW_GFP, 3},
				  {" name=", SHOW_STRING, 4}}},
	[TRACE_KFAIL_ALLOC] = {"kfail",
			       "kfail_alloc",
			       {ULONG("call_site"), CONST_POINTER("ptr"), SIZE("bytes_req"),
				SIZE("bytes_alloc"), ULONG("gfp_flags"), STRING("name")},
			       {{"call_site=", SHOW_SITE, 0},
				{" ptr=", SHOW_POINTER, 1},
				{" bytes_req=", SHOW_SIZE, 2},
				{" bytes_alloc=", SHOW_SIZE, 3},
				{" gfp_flags=", SHOW_GFP, 4},
				{" name=", SHOW_STRING, 5}}},
	[TRACE_KFAIL_FREE] = {"kfail",
			      "kfail_free",
			      {ULONG("call_site"), CONST_POINTER("ptr"), STRING("name")},
			      {{"call_site=", SHOW_SITE, 0},
			       {" ptr=", SHOW_POINTER, 1},
			       {" name=", SHOW_STRING, 2}}},
	[TRACE_KFAIL_OPERATION] = {"kfail",
				   "kfail_operation",
				   {STRING("name")},
				   {{"name=", SHOW_STRING, 0}}},
};

/* How each value is asked for in a format text: printf's conversion, and the argument for a field. */
static const struct {
	const char *conversion, *argument;
} shows[] = {
	[SHOW_NOTHING] = {"", NULL},
	[SHOW_SITE] = {"%pS", "(void *)REC->%s"},
	[SHOW_FUNCTION] = {"%pS", "REC->%s"},
	[SHOW_POINTER] = {"%p", "REC->%s"},
	[SHOW_PAGE] = {"%p", NULL},
	[SHOW_PFN] = {"0x%lx", "REC->%s != -1UL ? REC->pfn : 0"},
	[SHOW_SIZE] = {"%zu", "REC->%s"},
	[SHOW_INT] = {"%d", "REC->%s"},
	[SHOW_UINT] = {"%u", "REC->%s"},
	[SHOW_LONG] = {"%ld", "REC->%s"},
	[SHOW_LONG_LONG] = {"%lld", "REC->%s"},
	[SHOW_GFP] = {"%s", NULL},
	[SHOW_BOOL] = {"%s", "REC->%s ? \"true\" : \"false\""},
	[SHOW_ACCOUNTED] = {"%s", "(REC->%s & 0x400000) ? \"true\" : \"false\""},
	[SHOW_BLOCK_ORDER] = {"%d", "9"},
	[SHOW_FRAGMENTING] = {"%d", "REC->%s < 9"},
	[SHOW_STRING] = {"%s", "__get_str(%s)"},
};
_Static_assert(KF_GFP_ACCOUNT == 0x400000 && PAGEBLOCK_ORDER == 9, "as spelled above");

/* ---- bytes ---- */

static bool is_string(const struct trace_field *field)
{
	return field->type[0] == '_';
}

static size_t align_up(size_t offset, size_t size)
{
	return (offset + size - 1) & ~(size - 1);
}

/* Where the fields lie; returns the end of the last. */
static size_t place_fields(const struct tracepoint *tp, size_t offsets[TRACE_FIELDS_MAX])
{
	size_t offset = COMMON_SIZE;

	for (unsigned i = 0; tp->fields[i].name; i++) {
		offsets[i] = align_up(offset, tp->fields[i].size);
		offset = offsets[i] + tp->fields[i].size;
	}
	return offset;
}

static void put(uint8_t *bytes, size_t offset, uint64_t value, size_t size)
{
	memcpy(bytes + offset, &value, size);
}

size_t tracepoint_pack(const struct trace_record *record, uint8_t *bytes)
{
	const struct tracepoint *tp = &tracepoints[record->event];
	size_t offsets[TRACE_FIELDS_MAX], size = place_fields(tp, offsets);

	memset(bytes, 0, TRACE_EVENT_MAX);
	put(bytes, 0, TRACE_ID_BASE + record->event, 2);
	put(bytes, 2, trace_flags(&record->task), 1);
	put(bytes, 3, trace_preempt(&record->task), 1);
	put(bytes, 4, (uint32_t)record->task.pid, 4);
	for (unsigned i = 0; tp->fields[i].name; i++) {
		size_t length = strnlen(record->text, TRACE_TEXT_MAX - 1) + 1;

		if (!is_string(&tp->fields[i])) {
			put(bytes, offsets[i], record->values[i], tp->fields[i].size);
			continue;
		}
		put(bytes, offsets[i], length << 16 | size, 4);
		memcpy(bytes + size, record->text, length - 1);
		size += length;
	}
	assert(size <= TRACE_EVENT_MAX);
	return align_up(size, 4);
}

/* ---- format texts ---- */

static void format_field(FILE *out, const struct trace_field *field, size_t offset)
{
	fprintf(out, "\tfield:%s %s;\toffset:%zu;\tsize:%u;\tsigned:%d;\n", field->type,
		field->name, offset, field->size, field->is_signed);
}

static void format_gfp(FILE *out, const char *field)
{
	const char *name;
	uint32_t mask;

	fprintf(out, "(REC->%s) ? __print_flags(REC->%s, \"|\"", field, field);
	for (unsigned i = 0; (name = gfp_name(i, &mask)); i++)
		fprintf(out, ", {0x%xUL, \"%s\"}", mask, name);
	fprintf(out, ") : \"none\"");
}

static void format_argument(FILE *out, enum trace_show show, const char *field)
{
	if (show == SHOW_GFP)
		format_gfp(out, field);
	else if (show == SHOW_PAGE)
		fprintf(out, "REC->%s != -1UL ? (0x%" PRIx64 "UL + REC->%s * 64) : 0", field,
			kf_layout()->vmemmap, field);
	else
		fprintf(out, shows[show].argument, field);
}

static void format_print(FILE *out, const struct tracepoint *tp)
{
	fprintf(out, "\nprint fmt: \"");
	for (unsigned i = 0; tp->parts[i].text; i++)
		fprintf(out, "%s%s", tp->parts[i].text, shows[tp->parts[i].show].conversion);
	fprintf(out, "\"");
	for (unsigned i = 0; tp->parts[i].text; i++) {
		if (tp->parts[i].show == SHOW_NOTHING)
			continue;
		fprintf(out, ", ");
		format_argument(out, tp->parts[i].show, tp->fields[tp->parts[i].field].name);
	}
	fprintf(out, "\n");
}

void tracepoint_format(FILE *out, enum trace_event_id event)
{
	static const struct trace_field common[] = {
		{"unsigned short", "common_type", 2, false},
		{"unsigned char", "common_flags", 1, false},
		{"unsigned char", "common_preempt_count", 1, false},
		{"int", "common_pid", 4, true}};
	const struct tracepoint *tp = &tracepoints[event];
	size_t offsets[TRACE_FIELDS_MAX], offset = 0;

	place_fields(tp, offsets);
	fprintf(out, "name: %s\nID: %d\nformat:\n", tp->name, TRACE_ID_BASE + (int)event);
	for (unsigned i = 0; i < 4; offset += common[i++].size)
		format_field(out, &common[i], offset);
	fprintf(out, "\n");
	for (unsigned i = 0; tp->fields[i].name; i++)
		format_field(out, &tp->fields[i], offsets[i]);
	format_print(out, tp);
}

/* ---- lines ---- */

/* %pS: vpoll_init+0x1c/0x80 [vpoll]; an address without a name as it is. */
static void print_code(FILE *out, uint64_t pc, bool exact)
{
	struct frame frame;

	symbols_resolve(pc, exact, &frame, 1);
	if (!pc || !frame.function[0]) {
		fprintf(out, "0x%" PRIx64, pc);
		return;
	}
	fprintf(out, "%s+0x%" PRIx64 "/0x%" PRIx64, frame.function, frame.offset, frame.size);
	if (frame.module)
		fprintf(out, " [%s]", frame.module);
}

static uint64_t page_of(uint64_t pfn)
{
	return pfn == NO_PFN ? 0 : (uint64_t)kf_pfn_to_page(pfn);
}

static void print_value(FILE *out, enum trace_show show, uint64_t value, const char *text)
{
	char gfp[GFP_TEXT_MAX];

	switch (show) {
	case SHOW_NOTHING:
		break;
	case SHOW_SITE:
	case SHOW_FUNCTION:
		print_code(out, value, show == SHOW_FUNCTION);
		break;
	case SHOW_POINTER:
		fprintf(out, "%016" PRIx64, value);
		break;
	case SHOW_PAGE:
		fprintf(out, "%016" PRIx64, page_of(value));
		break;
	case SHOW_PFN:
		fprintf(out, "0x%" PRIx64, value == NO_PFN ? 0 : value);
		break;
	case SHOW_SIZE:
		fprintf(out, "%" PRIu64, value);
		break;
	case SHOW_INT:
		fprintf(out, "%" PRId32, (int32_t)value);
		break;
	case SHOW_UINT:
		fprintf(out, "%" PRIu32, (uint32_t)value);
		break;
	case SHOW_LONG:
	case SHOW_LONG_LONG:
		fprintf(out, "%" PRId64, (int64_t)value);
		break;
	case SHOW_GFP:
		fputs(gfp_to_text((uint32_t)value, gfp, sizeof(gfp)), out);
		break;
	case SHOW_BOOL:
		fputs(value ? "true" : "false", out);
		break;
	case SHOW_ACCOUNTED:
		fputs(value & KF_GFP_ACCOUNT ? "true" : "false", out);
		break;
	case SHOW_BLOCK_ORDER:
		fprintf(out, "%d", PAGEBLOCK_ORDER);
		break;
	case SHOW_FRAGMENTING:
		fprintf(out, "%d", (int32_t)value < PAGEBLOCK_ORDER);
		break;
	case SHOW_STRING:
		fprintf(out, "%.*s", TRACE_TEXT_MAX, text);
		break;
	}
}

void tracepoint_print(FILE *out, const struct trace_record *record)
{
	const struct tracepoint *tp = &tracepoints[record->event];

	for (unsigned i = 0; tp->parts[i].text; i++) {
		fputs(tp->parts[i].text, out);
		print_value(out, tp->parts[i].show, record->values[tp->parts[i].field],
			    record->text);
	}
}

/* ---- context ---- */

uint8_t trace_flags(const struct trace_task *task)
{
	uint32_t count = task->preempt_count;
	uint8_t flags = 0;

	if (task->irqs_disabled)
		flags |= TRACE_FLAG_IRQS_OFF;
	if (count & 0x00f00000u)
		flags |= TRACE_FLAG_NMI;
	if (count & 0x000f0000u)
		flags |= TRACE_FLAG_HARDIRQ;
	if (count & 0x00000100u)
		flags |= TRACE_FLAG_SOFTIRQ;
	if (count & 0x0000fe00u)
		flags |= TRACE_FLAG_BH_OFF;
	return flags;
}

static uint8_t nibble(uint32_t value)
{
	return value < 15 ? (uint8_t)value : 15;
}

uint8_t trace_preempt(const struct trace_task *task)
{
	return (uint8_t)(nibble(task->preempt_count & 0xff) | nibble(task->migrate_disabled) << 4);
}
