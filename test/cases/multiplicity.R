# Expected values of test/cases/multiplicity.json, from R's p.adjust. Run in the repository root:
#   Rscript test/cases/multiplicity.R > test/cases/multiplicity.json
numbers <- function(x) paste0("[", paste(sprintf("%.17g", x), collapse = ", "), "]")
set.seed(20261122)
families <- list(c(0.01, 0.04, 0.03, 0.2), 0.001, c(0.04, 0.04, 0.04), c(0.5, 0.0001, 0.013, 0.026, 0.9, 0.012), c(0.9, 0.8, 1),
  c(0, 0, 1), c(1e-300, 1e-12, 0.3), c(0.049, 0.05, 0.051), rev((1:15) / 200),
  # The fifteen p-values of the worked example in Benjamini and Hochberg 1995.
  c(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1),
  runif(20)^3, runif(40)^2)
methods <- c(none = "none", bonferroni = "bonferroni", holm = "holm", hochberg = "hochberg", bh = "BH", by = "BY")
rows <- vapply(families, function(p) paste0('{"p": ', numbers(p), ", ",
  paste0('"', names(methods), '": ', vapply(methods, function(m) numbers(p.adjust(p, m)), ""), collapse = ", "), "}"), "")
cat('{"command": "Rscript test/cases/multiplicity.R", "version": "', R.version.string, '", "adjustments": [', paste(rows, collapse = ",\n"), "]}\n", sep = "")
