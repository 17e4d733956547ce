# Expected values of test/cases/sample-ratio.json: chisq.test, binom.test, sums of dmultinom over every outcome, and the
# Dirichlet-multinomial Bayes factor in 200 bits. Run in the repository root:
#   Rscript test/cases/sample-ratio.R > test/cases/sample-ratio.json
suppressMessages(library(Rmpfr))
numbers <- function(x) paste0("[", paste(sprintf("%.17g", x), collapse = ", "), "]")
object <- function(...) { parts <- list(...); paste0("{", paste0('"', names(parts), '": ', parts, collapse = ", "), "}") }
one <- function(x) sprintf("%.17g", x)

chi <- lapply(list(list(c(5000, 5100), c(.5, .5)), list(c(4821, 5179), c(.5, .5)), list(c(950, 52), c(.95, .05)), list(c(300, 310, 290, 0), c(1, 1, 1, 1) / 4),
  list(c(400000, 401000), c(.5, .5)), list(c(79, 7921), c(.01, .99)), list(c(10, 20, 30, 40, 50), c(1, 2, 3, 4, 5) / 15), list(c(0, 12), c(.5, .5)),
  list(c(1000000, 1080000), c(.5, .5)), list(c(333, 333, 334), c(1, 1, 1) / 3)), function(k) {
  test <- chisq.test(k[[1]], p = k[[2]])
  object(units = numbers(k[[1]]), weights = numbers(k[[2]]), statistic = one(test$statistic), df = one(test$parameter), p = one(test$p.value),
    logP = one(pchisq(test$statistic, test$parameter, lower.tail = FALSE, log.p = TRUE)))
})
# Two arms: binom.test. More: every outcome that is no likelier than the one seen.
binomial <- lapply(list(c(0, 3, .5), c(1, 7, .5), c(4, 5, .5), c(9, 0, .5), c(2, 60, .05), c(9, 171, .02), c(0, 400, .01), c(12, 3988, .001), c(1, 0, .5)), function(k)
  object(units = numbers(k[1:2]), weights = numbers(c(k[3], 1 - k[3])), p = one(binom.test(k[1], k[1] + k[2], k[3])$p.value)))
multinomial <- lapply(list(list(c(1, 2, 6), c(1, 1, 1) / 3), list(c(0, 0, 7), c(.25, .25, .5)), list(c(3, 3, 3), c(1, 1, 1) / 3), list(c(5, 1, 0, 1), c(.7, .1, .1, .1)),
  list(c(50, 6, 0), c(.9, .05, .05))), function(k) {
  n <- sum(k[[1]]); arms <- length(k[[1]])
  grid <- as.matrix(expand.grid(rep(list(0:n), arms - 1))); grid <- grid[rowSums(grid) <= n, , drop = FALSE]; grid <- cbind(grid, n - rowSums(grid))
  prob <- apply(grid, 1, dmultinom, prob = k[[2]]); seen <- dmultinom(k[[1]], prob = k[[2]])
  object(units = numbers(k[[1]]), weights = numbers(k[[2]]), p = one(sum(prob[prob <= seen * (1 + 1e-7)])))
})
bayes <- function(units, shares, concentration) {
  a <- mpfr(concentration, 200) * mpfr(shares, 200); s <- mpfr(units, 200); A <- sum(a)
  sum(lgamma(a + s) - lgamma(a) - s * log(mpfr(shares, 200))) + lgamma(A) - lgamma(A + sum(s))
}
sequential <- lapply(list(
  list(list(c(10, 12)), c(.5, .5), 10000), list(list(c(5000, 5100), c(5000, 5300), c(5100, 4900)), c(.5, .5), 10000),
  list(list(c(505000, 495000)), c(.5, .5), 10000), list(list(c(400000, 400000)), c(.5, .5), 10000), list(list(c(30, 500), c(20, 700)), c(.0625, .9375), 100),
  list(list(c(100, 100, 100), c(90, 130, 80), c(200, 300, 100)), c(.25, .5, .25), 1000), list(list(c(0, 40)), c(.5, .5), 1), list(list(c(0, 0), c(3, 900)), c(.5, .5), 10000)), function(k) {
  total <- 0; logs <- c()
  for (batch in k[[1]]) { total <- total + batch; logs <- c(logs, asNumeric(bayes(total, k[[2]], k[[3]]))) }
  object(batches = paste0("[", paste(vapply(k[[1]], numbers, ""), collapse = ", "), "]"), weights = numbers(k[[2]]), concentration = one(k[[3]]),
    logBayesFactor = one(tail(logs, 1)), logP = one(min(0, -logs)), looks = numbers(cummin(pmin(1, exp(-logs)))))
})
list_of <- function(x) paste0("[", paste(unlist(x), collapse = ",\n"), "]")
cat(object(command = '"Rscript test/cases/sample-ratio.R"', version = paste0('"', R.version.string, ", Rmpfr ", packageVersion("Rmpfr"), '"'),
  chiSquare = list_of(chi), exact = list_of(c(binomial, multinomial)), sequential = list_of(sequential)), "\n")
