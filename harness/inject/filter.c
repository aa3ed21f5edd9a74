// SPDX-License-Identifier: GPL-2.0-only
/*
 * Filters: parsed before anything is loaded, resolved when all code is, asked in hooks, where they compare numbers (and
 * the name of a cache, if one is wanted).
 */
#include "filter.h"

#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../allocator/core/gfp.h"
#include "../../allocator/slab/slab.h"
#include "../trace/util.h"

static const char *const scopes[] = {
	[SCOPE_MODULE] = "module", [SCOPE_DIRECT] = "direct", [SCOPE_ANY] = "any"};

static const char *const keys[] = {
	[FILTER_FUNCTION] = "function", [FILTER_FILE] = "file", [FILTER_SITE] = "site",
	[FILTER_CACHE] = "cache",	[FILTER_SIZE] = "size", [FILTER_GFP] = "gfp",
	[FILTER_KIND] = "kind",
};

#define KEY_COUNT (sizeof(keys) / sizeof(keys[0]))

static const struct {
	const char *name;
	uint32_t bit;
} kinds[] = {
	{"slab", 1u << KF_SLAB},	{"kmalloc-large", 1u << KF_KMALLOC_LARGE},
	{"pages", 1u << KF_PAGES},	{"vmalloc", 1u << KF_VMALLOC},
	{"vmap", 1u << KF_VMAP},	{"percpu", 1u << KF_PERCPU},
	{"kmem_cache", 1u << KF_CACHE}, {"call", FILTER_CALL},
};

#define KIND_COUNT (sizeof(kinds) / sizeof(kinds[0]))

int scope_parse(const char *name)
{
	for (int i = 0; i < (int)(sizeof(scopes) / sizeof(scopes[0])); i++)
		if (!strcmp(name, scopes[i]))
			return i;
	return -1;
}

const char *scope_name(enum scope scope)
{
	return scopes[scope];
}

/* ---- parsing ---- */

static int parse_key(const char *word, size_t length)
{
	for (size_t i = 0; i < KEY_COUNT; i++)
		if (strlen(keys[i]) == length && !strncmp(word, keys[i], length))
			return (int)i;
	return -1;
}

static bool parse_size(struct filter_term *term)
{
	const char *text = term->value;
	char *end = (char *)text;

	term->min = 0;
	term->max = UINT64_MAX;
	errno = 0;
	if (isdigit((unsigned char)*text))
		term->min = term->max = strtoull(text, &end, 0);
	if (*end == '-') {
		text = end + 1;
		end = (char *)text;
		term->max = UINT64_MAX;
		if (isdigit((unsigned char)*text))
			term->max = strtoull(text, &end, 0);
		if (text == end && term->value[0] == '-')
			return false;
	} else if (end == term->value) {
		return false;
	}
	return !*end && !errno && term->min <= term->max;
}

static bool gfp_bits(const char *name, uint32_t *bits)
{
	const char *known;
	uint32_t mask;
	char *end;

	for (unsigned i = 0; (known = gfp_name(i, &mask)); i++)
		if (!strcmp(known, name)) {
			*bits |= mask;
			return true;
		}
	if (!isdigit((unsigned char)*name))
		return false;
	*bits |= (uint32_t)strtoul(name, &end, 0);
	return !*end;
}

static bool kind_bits(const char *name, uint32_t *bits)
{
	for (size_t i = 0; i < KIND_COUNT; i++)
		if (!strcmp(kinds[i].name, name)) {
			*bits |= kinds[i].bit;
			return true;
		}
	return false;
}

/* Names joined by '|'. */
static bool parse_bits(struct filter_term *term, bool (*one)(const char *name, uint32_t *bits))
{
	char *copy = xstrdup(term->value), *rest = copy, *word;
	bool good = true;

	while (good && (word = strsep(&rest, "|")))
		good = one(word, &term->bits);
	free(copy);
	return good;
}

static bool parse_value(struct filter_term *term)
{
	switch (term->key) {
	case FILTER_SITE:
		return place_is_site(term->value);
	case FILTER_SIZE:
		return parse_size(term);
	case FILTER_GFP:
		return parse_bits(term, gfp_bits);
	case FILTER_KIND:
		return parse_bits(term, kind_bits);
	default:
		return term->value[0];
	}
}

static const char *wanted(enum filter_key key)
{
	switch (key) {
	case FILTER_SITE:
		return "function+0x1c or file.c:12";
	case FILTER_SIZE:
		return "bytes: 96, 1-64, 4096- or -64";
	case FILTER_GFP:
		return "flags as the kernel writes them: GFP_KERNEL|__GFP_ZERO";
	case FILTER_KIND:
		return "slab, kmalloc-large, pages, vmalloc, vmap, percpu, kmem_cache or call";
	default:
		return "a name";
	}
}

static int parse_term(const char *word, struct filter *filter, char *err)
{
	struct filter_term *term = &filter->terms[filter->count];
	size_t length = strcspn(word, "=");
	int key = parse_key(word, length);

	if (key < 0 || !word[length]) {
		snprintf(
			err, FILTER_ERR,
			"\"%.64s\" is no filter: KEY=VALUE with function, file, site, cache, size, "
			"gfp or kind",
			word);
		return -1;
	}
	*term = (struct filter_term){.key = (enum filter_key)key,
				     .value = xstrdup(word + length + 1)};
	filter->count++;
	if (parse_value(term))
		return 0;
	snprintf(err, FILTER_ERR, "%s= wants %s, not \"%.64s\"", keys[key], wanted(term->key),
		 term->value);
	return -1;
}

int filter_parse(const char *text, struct filter *out, char *err)
{
	char *copy = xstrdup(text), *rest = copy, *word;
	int result = 0;

	*out = (struct filter){.text = xstrdup(text)};
	while (!result && (word = strsep(&rest, ","))) {
		if (out->count == FILTER_TERMS) {
			snprintf(err, FILTER_ERR, "\"%.64s\": more than %d terms", text,
				 FILTER_TERMS);
			result = -1;
		} else {
			result = parse_term(word, out, err);
		}
	}
	free(copy);
	if (result)
		filter_clear(out);
	return result;
}

void filter_clear(struct filter *filter)
{
	for (unsigned i = 0; i < filter->count; i++) {
		free(filter->terms[i].value);
		places_clear(&filter->terms[i].places);
	}
	free(filter->text);
	*filter = (struct filter){0};
}

/* ---- resolving ---- */

static enum place_found resolve_term(struct filter_term *term)
{
	places_clear(&term->places);
	switch (term->key) {
	case FILTER_FUNCTION:
		return places_add_function(&term->places, term->value);
	case FILTER_FILE:
		return places_add_file(&term->places, term->value);
	case FILTER_SITE:
		return places_add_site(&term->places, term->value);
	default:
		return PLACE_FOUND;
	}
}

int filter_resolve(struct filter *filter, char *err)
{
	for (unsigned i = 0; i < filter->count; i++) {
		struct filter_term *term = &filter->terms[i];

		switch (resolve_term(term)) {
		case PLACE_FOUND:
			break;
		case PLACE_NOT_THERE:
			snprintf(err, FILTER_ERR,
				 "%s=%.100s: there is no such code in what is loaded",
				 keys[term->key], term->value);
			return -1;
		case PLACE_NO_DEBUG_INFORMATION:
			snprintf(err, FILTER_ERR,
				 "%s=%.100s needs debug information, and no module has any (build "
				 "it with -g); function= does without",
				 keys[term->key], term->value);
			return -1;
		}
	}
	return 0;
}

/* ---- asking ---- */

static bool on_stack(const struct places *places, const uint64_t *pcs, unsigned frames)
{
	for (unsigned i = 0; i < frames; i++)
		if (places_contain(places, pcs[i]))
			return true;
	return false;
}

static bool cache_is(const char *pattern, const struct kf_cache *cache)
{
	return cache && !fnmatch(pattern, kf_cache_name(cache), 0);
}

static bool term_holds(const struct filter_term *term, const struct kf_request *request,
		       const uint64_t *pcs, unsigned frames)
{
	switch (term->key) {
	case FILTER_FUNCTION:
	case FILTER_FILE:
	case FILTER_SITE:
		return on_stack(&term->places, pcs, frames);
	case FILTER_CACHE:
		return request && cache_is(term->value, request->cache);
	case FILTER_SIZE:
		return request && request->size >= term->min && request->size <= term->max;
	case FILTER_GFP:
		return request && (request->gfp & term->bits) == term->bits;
	case FILTER_KIND:
		return term->bits & (request ? 1u << request->kind : FILTER_CALL);
	}
	return false;
}

bool filter_match(const struct filter *filter, const struct kf_request *request,
		  const uint64_t *pcs, unsigned frames)
{
	for (unsigned i = 0; i < filter->count; i++)
		if (!term_holds(&filter->terms[i], request, pcs, frames))
			return false;
	return true;
}
