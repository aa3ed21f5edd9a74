#include "suites.h"
CU_TestInfo kernels_tests[] = {CU_TEST_INFO_NULL};
