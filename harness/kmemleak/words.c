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

struct bounds {
	__m256i low, high, top;
};

/* All ones in the words that are in. */
__attribute__((target("avx2"), always_inline)) static inline NOT_SANITIZED __m256i
inside(const uint64_t *words, const struct bounds *b)
{
	__m256i v = _mm256_loadu_si256((const __m256i *)words);

	v = _mm256_xor_si256(_mm256_sub_epi64(v, b->low), b->top);
	return _mm256_cmpgt_epi64(b->high, v);
}

__attribute__((target("avx2"), always_inline)) static inline NOT_SANITIZED uint64_t
bits(__m256i in, unsigned at)
{
	return (uint64_t)(unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(in)) << at;
}

/* Sixteen words are mostly dismissed with one branch. */
__attribute__((target("avx2"))) static NOT_SANITIZED uint64_t by_four(const uint64_t *words,
								      unsigned n, uint64_t min,
								      uint64_t span)
{
	const __m256i top = _mm256_set1_epi64x(INT64_MIN);
	const struct bounds b = {_mm256_set1_epi64x((int64_t)min),
				 _mm256_xor_si256(_mm256_set1_epi64x((int64_t)span), top), top};
	uint64_t found = 0;
	unsigned i = 0;

	for (; i + 16 <= n; i += 16) {
		__m256i in0 = inside(words + i, &b), in1 = inside(words + i + 4, &b);
		__m256i in2 = inside(words + i + 8, &b), in3 = inside(words + i + 12, &b);
		__m256i any = _mm256_or_si256(_mm256_or_si256(in0, in1), _mm256_or_si256(in2, in3));

		if (!_mm256_testz_si256(any, any))
			found |= bits(in0, i) | bits(in1, i + 4) | bits(in2, i + 8) |
				 bits(in3, i + 12);
	}
	for (; i + 4 <= n; i += 4)
		found |= bits(inside(words + i, &b), i);
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
