// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which words of a range can be pointers? Nearly none can, so this is where a scan spends its time: a compare of four words at
 * a time where the CPU has AVX2, word by word where not. An unsigned compare is made of the signed one that there is by
 * turning the top bit over on both sides:
 *
 *	word - min < span   <=>   (word - min) ^ top  <s  span ^ top
 *
 * Sanitizers are not told: a scan reads everything, the guards between objects too, and that is right.
 */
#include "internal.h"

#include <immintrin.h>

#define NOT_SANITIZED __attribute__((no_sanitize("address", "undefined", "thread")))

static NOT_SANITIZED uint64_t plainly(const uint64_t *words, unsigned n, uint64_t min,
				      uint64_t span)
{
	uint64_t found = 0;

	for (unsigned i = 0; i < n; i++)
		found |= (uint64_t)(words[i] - min < span) << i;
	return found;
}

__attribute__((target("avx2"))) static NOT_SANITIZED uint64_t
by_four(const uint64_t *words, unsigned n, uint64_t min, uint64_t span)
{
	const __m256i top = _mm256_set1_epi64x(INT64_MIN);
	const __m256i low = _mm256_set1_epi64x((int64_t)min);
	const __m256i high = _mm256_xor_si256(_mm256_set1_epi64x((int64_t)span), top);
	uint64_t found = 0;
	unsigned i = 0;

	for (; i + 4 <= n; i += 4) {
		__m256i v = _mm256_loadu_si256((const __m256i *)(words + i));
		__m256i in = _mm256_cmpgt_epi64(
			high, _mm256_xor_si256(_mm256_sub_epi64(v, low), top));

		found |= (uint64_t)(unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(in)) << i;
	}
	if (i < n)
		found |= plainly(words + i, n - i, min, span) << i;
	return found;
}

uint64_t kml_words(const uint64_t *words, unsigned n, uint64_t min, uint64_t span)
{
	static uint64_t (*chosen)(const uint64_t *words, unsigned n, uint64_t min, uint64_t span);

	if (!chosen)
		chosen = __builtin_cpu_supports("avx2") ? by_four : plainly;
	return chosen(words, n, min, span);
}
